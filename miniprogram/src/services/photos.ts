/** Photos on the device: chosen, taken or cropped, and reduced to a size that can be uploaded. */
import { MAX_PHOTO_SIDE_PX } from '../config';
import { AppError } from './errors';
import { serviceConfig } from './service-config';

export interface LocalPhoto {
  /** A temporary file, which is deleted when the mini program ends. */
  path: string;
  width: number;
  height: number;
  bytes: number;
}

/** The scene of a start with a picture from a chat. */
const CHAT_PICTURE_SCENE = 1173;
const MIB = 1024 * 1024;
const JPEG_QUALITY = 92;

let returnedChatPicture = '';

export const photos = {
  /** Null if the user cancelled. */
  async choose(source: 'album' | 'camera'): Promise<LocalPhoto | null> {
    const path = await chooseFile(source);
    return path === null ? null : prepare(path);
  },

  canCrop: (): boolean => wx.canIUse('cropImage'),

  /** Null if the user cancelled. */
  async crop(photo: LocalPhoto): Promise<LocalPhoto | null> {
    const path = await new Promise<string | null>((resolve) => {
      wx.cropImage({
        src: photo.path,
        cropScale: '1:1',
        success: ({ tempFilePath }) => resolve(tempFilePath),
        fail: () => resolve(null),
      });
    });
    return path === null ? null : prepare(path);
  },

  /** The picture of a chat that the mini program was opened with. Each picture is returned once. */
  async fromChat(): Promise<LocalPhoto | null> {
    const { scene, forwardMaterials } = wx.getEnterOptionsSync();
    const path = scene === CHAT_PICTURE_SCENE ? forwardMaterials?.[0]?.path : undefined;
    if (!path || path === returnedChatPicture) return null;
    returnedChatPicture = path;
    return prepare(path);
  },
};

async function chooseFile(source: 'album' | 'camera'): Promise<string | null> {
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

/** Reduces the photo if it exceeds the limits of the service. A file that the device cannot read is uploaded as it is; the service checks it. */
async function prepare(path: string): Promise<LocalPhoto> {
  const config = await serviceConfig();
  let photo = await measure(path);
  const isLarge = Math.max(photo.width, photo.height) > MAX_PHOTO_SIDE_PX;
  if (isLarge || photo.bytes > config.max_upload_mb * MIB) photo = await reduce(photo);
  if (photo.bytes > config.max_upload_mb * MIB) {
    throw new AppError('file_too_large', { params: { max_mb: config.max_upload_mb } });
  }
  return photo;
}

async function measure(path: string): Promise<LocalPhoto> {
  const [{ width, height }, bytes] = await Promise.all([
    wx.getImageInfo({ src: path }).catch(() => ({ width: 0, height: 0 })),
    fileSize(path),
  ]);
  return { path, width, height, bytes };
}

/** Compresses the photo to a long side of at most 2048 px. Returns it unchanged if that fails. */
async function reduce(photo: LocalPhoto): Promise<LocalPhoto> {
  const scale = MAX_PHOTO_SIDE_PX / Math.max(photo.width, photo.height, MAX_PHOTO_SIDE_PX);
  try {
    const { tempFilePath } = await wx.compressImage({
      src: photo.path,
      quality: JPEG_QUALITY,
      ...(photo.width && photo.height
        ? { compressedWidth: Math.round(photo.width * scale), compressedHeight: Math.round(photo.height * scale) }
        : {}),
    });
    return await measure(tempFilePath);
  } catch {
    return photo;
  }
}

function fileSize(path: string): Promise<number> {
  return new Promise((resolve) => {
    wx.getFileSystemManager().getFileInfo({
      filePath: path,
      success: ({ size }) => resolve(size),
      fail: () => resolve(0),
    });
  });
}
