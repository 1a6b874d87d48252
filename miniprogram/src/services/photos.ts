/** Pictures of the phone: chosen, taken, cut, made small enough to be sent. */
import { LONGEST_SIDE_PX } from '../config';
import { AppError } from './errors';
import { limits } from './limits';

export interface Photo {
  /** A temporary file: gone when the mini program ends. */
  path: string;
  width: number;
  height: number;
  bytes: number;
}

const FROM_CHAT = 1173; // the scene of a mini program that was opened with a picture of a chat
const MIB = 1024 * 1024;
const QUALITY = 92;

let takenFromChat = '';

export const photos = {
  /** Null when it was called off. */
  async choose(source: 'album' | 'camera'): Promise<Photo | null> {
    const path = await chosen(source);
    return path === null ? null : prepared(path);
  },

  canCrop: (): boolean => wx.canIUse('cropImage'),

  /** Null when it was called off. */
  async crop(photo: Photo): Promise<Photo | null> {
    const path = await new Promise<string | null>((resolve) => {
      wx.cropImage({
        src: photo.path,
        cropScale: '1:1',
        success: ({ tempFilePath }) => resolve(tempFilePath),
        fail: () => resolve(null),
      });
    });
    return path === null ? null : prepared(path);
  },

  /** The picture of a chat that the mini program was opened with; each is given once. */
  async fromChat(): Promise<Photo | null> {
    const { scene, forwardMaterials } = wx.getEnterOptionsSync();
    const path = scene === FROM_CHAT ? forwardMaterials?.[0]?.path : undefined;
    if (!path || path === takenFromChat) return null;
    takenFromChat = path;
    return prepared(path);
  },
};

async function chosen(source: 'album' | 'camera'): Promise<string | null> {
  try {
    const { tempFiles } = await wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sourceType: [source],
      sizeType: ['compressed'],
    });
    return tempFiles[0]?.tempFilePath ?? null;
  } catch (error) {
    const { errMsg = '' } = error as { errMsg?: string };
    if (/cancel/.test(errMsg)) return null;
    throw new AppError(/privacy/.test(errMsg) ? 'privacy_refused' : 'camera_denied');
  }
}

/** Of a size that the service takes; a picture that the phone cannot read is left for the service to judge. */
async function prepared(path: string): Promise<Photo> {
  const allowed = await limits();
  let photo = await measured(path);
  const isLarge = Math.max(photo.width, photo.height) > LONGEST_SIDE_PX;
  if (isLarge || photo.bytes > allowed.max_upload_mb * MIB) photo = await reduced(photo);
  if (photo.bytes > allowed.max_upload_mb * MIB) {
    throw new AppError('file_too_large', { params: { max_mb: allowed.max_upload_mb } });
  }
  return photo;
}

async function measured(path: string): Promise<Photo> {
  const [{ width, height }, bytes] = await Promise.all([
    wx.getImageInfo({ src: path }).catch(() => ({ width: 0, height: 0 })),
    sizeOf(path),
  ]);
  return { path, width, height, bytes };
}

/** Of long side 2048 px; what cannot be reduced stays as it is. */
async function reduced(photo: Photo): Promise<Photo> {
  const scale = LONGEST_SIDE_PX / Math.max(photo.width, photo.height, LONGEST_SIDE_PX);
  try {
    const { tempFilePath } = await wx.compressImage({
      src: photo.path,
      quality: QUALITY,
      ...(photo.width && photo.height
        ? { compressedWidth: Math.round(photo.width * scale), compressedHeight: Math.round(photo.height * scale) }
        : {}),
    });
    return await measured(tempFilePath);
  } catch {
    return photo;
  }
}

function sizeOf(path: string): Promise<number> {
  return new Promise((resolve) => {
    wx.getFileSystemManager().getFileInfo({
      filePath: path,
      success: ({ size }) => resolve(size),
      fail: () => resolve(0),
    });
  });
}
