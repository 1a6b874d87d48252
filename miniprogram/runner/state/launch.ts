/** How the mini program was opened: the page from the address and the launch scene. */

import { pageUrlInAddress, parsePageUrl } from './page-url';
import { addTemporaryFile } from './temporary-files';

const DEFAULT_SCENE = 1001;
const SINGLE_PAGE_SCENE = 1154;
const CHAT_IMAGE_SCENE = 1173;

export interface LaunchOptions {
  path: string;
  query: Record<string, string>;
  scene: number;
  referrerInfo: object;
  forwardMaterials?: { type: string; name: string; path: string; size: number }[];
}

let options: LaunchOptions;

/** Available once `readLaunchOptions` has resolved. */
export function launchOptions(): LaunchOptions {
  return options;
}

/** Whether a post in Moments opened the mini program as a single page. */
export function isSinglePageMode(): boolean {
  return options.scene === SINGLE_PAGE_SCENE;
}

/** The address that opens a page in single-page mode. */
export function singlePageAddress(pageUrl: string): string {
  return `/?scene=${SINGLE_PAGE_SCENE}#${pageUrl}`;
}

/** Reads `?scene=1154` and, for scene 1173, `?picture=/some.jpg`: a chat image opened with the mini program. */
export async function readLaunchOptions(): Promise<void> {
  const parameters = new URLSearchParams(location.search);
  const { path, query } = parsePageUrl(pageUrlInAddress() ?? `/${miniProgram.app.pages[0]}`, '');
  options = { path, query, scene: Number(parameters.get('scene')) || DEFAULT_SCENE, referrerInfo: {} };
  const image = parameters.get('picture');
  if (options.scene === CHAT_IMAGE_SCENE && image) {
    const file = await (await fetch(image)).blob();
    options.forwardMaterials = [{ type: file.type, name: image, path: addTemporaryFile(file), size: file.size }];
  }
}
