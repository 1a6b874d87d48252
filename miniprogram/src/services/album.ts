/** The phone's album: what is saved there, and the permission for it. */
import { AppError } from './errors';
import { download } from './http';

const SCOPE = 'scope.writePhotosAlbum';

export const album = {
  /** Save the picture of an address. After one refusal WeChat asks no more: `album_denied`, then `openSettings`. */
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

  /** Whether it is allowed afterwards. Inside a tap only. */
  async openSettings(): Promise<boolean> {
    const { authSetting } = await wx.openSetting();
    return (authSetting as unknown as Record<string, boolean>)[SCOPE] === true;
  },
};
