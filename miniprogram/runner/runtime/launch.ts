/** How the mini program is opened: the page of the address, and the scene that a test or a person may ask for. */

import { keep } from '../wx/files';
import { Address } from './address';
import type { Launch } from './life';
import { parseUrl } from './navigation';

export const SINGLE_PAGE = 1154;
const FROM_THE_LIST = 1001;
const FROM_A_CHAT_PICTURE = 1173;

/** Reads `?scene=1154` and, for scene 1173, `?picture=/some.jpg`: a picture of a chat opened with the mini program. */
export async function readLaunch(): Promise<Launch> {
  const parameters = new URLSearchParams(location.search);
  const { path, query } = parseUrl(Address.wanted() ?? `/${miniProgram.app.pages[0]}`, '');
  const launch: Launch = { path, query, scene: Number(parameters.get('scene')) || FROM_THE_LIST, referrerInfo: {} };
  const picture = parameters.get('picture');
  if (launch.scene === FROM_A_CHAT_PICTURE && picture) {
    const file = await (await fetch(picture)).blob();
    launch.forwardMaterials = [{ type: file.type, name: picture, path: keep(file), size: file.size }];
  }
  return launch;
}
