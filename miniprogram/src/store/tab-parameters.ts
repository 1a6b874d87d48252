/** Parameters for a tab page: WeChat cannot open a tab with a query. */
import type { StyleParameters, Stylization } from '../services/stylizations';

interface TabParameters {
  /** Create page: preselect this style. */
  styleId?: string;
  /** Create page: use the photo of this work, and these parameters. */
  rerun?: { work: Stylization; parameters: StyleParameters };
  /** Works page: filter by this style. */
  filterStyleId?: string;
}

let parameters: TabParameters | null = null;

export const tabParameters = {
  set(value: TabParameters): void {
    parameters = value;
  },

  /** Returns the parameters and removes them. */
  take(): TabParameters | null {
    const taken = parameters;
    parameters = null;
    return taken;
  },
};
