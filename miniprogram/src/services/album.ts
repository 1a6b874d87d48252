/** The photo album of the device, and the permission to save to it. */
import { AppError } from './errors';
import { download } from './http';

const SCOPE = 'scope.writePhotosAlbum';

export const album = {
  /** Downloads a picture and saves it. After one refusal WeChat does not ask again: the error is `album_denied`, and `openSettings` helps. */
  async save(url: string): Promise<void> {
    const filePath = await download(url);
    try {
      await wx.saveImageToPhotosAlbum({ filePath });
    } catch (error) {
      const { errMsg = '' } = error as { errMsg?: string };
      if (/cancel/.test(errMsg)) throw new AppError('aborted');
      if (/privacy/.test(errMsg)) throw new AppError('privacy_refused');
      throw new AppError(/auth|deny|permission/.test(errMsg) ? 'album_denied' : 'save_failed');
    }
  },

  /** Opens WeChat's settings and returns whether saving is allowed afterwards. WeChat permits the call only inside a tap. */
  async openSettings(): Promise<boolean> {
    const { authSetting } = await wx.openSetting();
    return (authSetting as unknown as Record<string, boolean>)[SCOPE] === true;
  },
};
