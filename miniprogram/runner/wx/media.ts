/** Images: choose, measure, compress, crop, preview and save. */

import { askInDialog, button, openDialog } from '../platform/dialogs';
import { element } from '../platform/dom';
import { requirePermission } from '../platform/permission-dialogs';
import { requirePrivacyConsent } from '../platform/privacy-dialogs';
import { ApiFailure, usageFailure } from '../state/api-failure';
import { wasTappedRecently } from '../state/recent-tap';
import { addTemporaryFile, fileExtension } from '../state/temporary-files';
import { texts } from '../state/texts';
import { api, callbackApi } from './api';
import { readFile } from './files';

const ALBUM_SCOPE = 'scope.writePhotosAlbum';
const JPEG = 'image/jpeg';
const CROP_QUALITY = 0.92;
const DOWNLOAD_URL_LIFETIME_MS = 60_000;

interface ChooseMediaOptions {
  count?: number;
  mediaType?: string[];
  sourceType?: string[];
}

async function chooseMedia({ count = 9, sourceType = ['album', 'camera'] }: ChooseMediaOptions) {
  if (!wasTappedRecently()) throw usageFailure('can only be invoked by user TAP gesture', 'chooseMedia');
  await requirePrivacyConsent('chooseMedia');
  const chosen = await openFileDialog(count, sourceType.length === 1 && sourceType[0] === 'camera');
  const tempFiles = await Promise.all(
    chosen.map(async (file) => ({ tempFilePath: addTemporaryFile(file), size: file.size, fileType: 'image', ...(await imageSize(file)) })),
  );
  return { type: 'image', tempFiles };
}

function openFileDialog(count: number, isCamera: boolean): Promise<File[]> {
  return new Promise((resolve, reject) => {
    const input = element('input', { type: 'file', accept: 'image/*', multiple: count > 1 });
    if (isCamera) input.setAttribute('capture', 'environment');
    input.onchange = () => resolve([...(input.files ?? [])].slice(0, count));
    input.oncancel = () => reject(new ApiFailure('cancel'));
    input.click();
  });
}

/** Returns no size if the browser cannot read the file. A phone does not know the size of a damaged image either. */
async function imageSize(file: Blob): Promise<{ width?: number; height?: number }> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  return bitmap ? { width: bitmap.width, height: bitmap.height } : {};
}

async function readImage(path: string): Promise<{ file: Blob; bitmap: ImageBitmap }> {
  const file = await readFile(path);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new ApiFailure('decode image fail');
  });
  return { file, bitmap };
}

interface CompressImageOptions {
  src: string;
  quality?: number;
  compressedWidth?: number;
  compressedHeight?: number;
}

async function compressImage({ src, quality = 80, compressedWidth, compressedHeight }: CompressImageOptions) {
  const { bitmap } = await readImage(src);
  const ratio = bitmap.width / bitmap.height;
  const width = compressedWidth ?? (compressedHeight ? compressedHeight * ratio : bitmap.width);
  const height = compressedHeight ?? width / ratio;
  const compressed = await renderJpeg(bitmap, [0, 0, bitmap.width, bitmap.height], width, height, quality / 100);
  return { tempFilePath: addTemporaryFile(compressed) };
}

/** Renders a part of an image (left, top, width, height) as a JPEG of the given size. `quality` is 0 to 1. */
function renderJpeg(bitmap: ImageBitmap, part: [number, number, number, number], width: number, height: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.round(width), Math.round(height));
  canvas.getContext('2d')?.drawImage(bitmap, ...part, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: JPEG, quality });
}

/** Crops the largest centered area. On a phone, the user can move the crop frame. */
async function cropImage({ src, cropScale = '1:1' }: { src: string; cropScale?: string }) {
  const { bitmap } = await readImage(src);
  const [ratioWidth = 1, ratioHeight = 1] = cropScale.split(':').map(Number);
  const width = Math.min(bitmap.width, (bitmap.height * ratioWidth) / ratioHeight);
  const height = (width * ratioHeight) / ratioWidth;
  const isConfirmed = await askInDialog({ label: texts.cropImage, position: 'fullscreen', cancelValue: false }, (finish) => [
    element('h2', { class: 'dialog-title' }, texts.cropImage),
    element('div', { class: 'crop-frame', style: `aspect-ratio:${ratioWidth}/${ratioHeight}` }, element('img', { src, alt: texts.image })),
    element(
      'div',
      { class: 'dialog-actions' },
      button(texts.cancel, 'secondary', () => finish(false)),
      button(texts.ok, 'primary', () => finish(true)),
    ),
  ]);
  if (!isConfirmed) throw new ApiFailure('cancel');
  const left = (bitmap.width - width) / 2;
  const top = (bitmap.height - height) / 2;
  return { tempFilePath: addTemporaryFile(await renderJpeg(bitmap, [left, top, width, height], width, height, CROP_QUALITY)) };
}

async function getImageInfo({ src }: { src: string }) {
  const { file, bitmap } = await readImage(src);
  return { width: bitmap.width, height: bitmap.height, path: src, orientation: 'up', type: fileExtension(file).replace('jpg', 'jpeg') };
}

function previewImage({ urls, current }: { urls: string[]; current?: string | number }) {
  const first = typeof current === 'number' ? current : Math.max(0, urls.indexOf(current ?? ''));
  const strip = element('div', { class: 'preview-strip' }, ...urls.map((src) => element('img', { src, alt: texts.image })));
  const close = () => dialog.close();
  const dialog = openDialog(
    { label: texts.image, position: 'fullscreen', onCancel: close },
    strip,
    element('button', { class: 'preview-close', 'aria-label': texts.close, onclick: close }, '×'),
  );
  dialog.element.classList.add('dialog--preview');
  strip.onclick = close;
  strip.scrollLeft = first * strip.clientWidth;
}

async function saveImageToPhotosAlbum({ filePath }: { filePath: string }) {
  await requirePrivacyConsent('saveImageToPhotosAlbum');
  await requirePermission(ALBUM_SCOPE);
  saveToDownloads(await readFile(filePath));
}

/** Saves a file to the download folder of the browser, which replaces the album. */
export function saveToDownloads(file: Blob): void {
  const href = URL.createObjectURL(file);
  element('a', { href, download: `picture-${Date.now()}.${fileExtension(file)}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), DOWNLOAD_URL_LIFETIME_MS);
}

export const media = {
  chooseMedia: api('chooseMedia', chooseMedia),
  compressImage: api('compressImage', compressImage),
  cropImage: callbackApi('cropImage', cropImage),
  getImageInfo: api('getImageInfo', getImageInfo),
  previewImage: api('previewImage', previewImage),
  saveImageToPhotosAlbum: api('saveImageToPhotosAlbum', saveImageToPhotosAlbum),
};
