/** Pictures: choosing, measuring, shrinking, cropping, looking at and saving them. */

import { openDialog, button } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { tapWasJustNow } from '../runtime/taps';
import { words } from '../runtime/words';
import { api, callbackApi, refuseLoudly, Refusal } from './convention';
import { endingOf, keep, readFile } from './files';
import { needPermission } from './permissions';
import { needPrivacyConsent } from './privacy';

const ALBUM = 'scope.writePhotosAlbum';
const JPEG = 'image/jpeg';

interface ChooseMedia {
  count?: number;
  mediaType?: string[];
  sourceType?: string[];
}

async function chooseMedia({ count = 9, sourceType = ['album', 'camera'] }: ChooseMedia) {
  if (!tapWasJustNow()) throw refuseLoudly('chooseMedia', 'can only be invoked by user TAP gesture');
  await needPrivacyConsent('chooseMedia');
  const chosen = await openFileDialog(count, sourceType.length === 1 && sourceType[0] === 'camera');
  const tempFiles = await Promise.all(
    chosen.map(async (file) => ({ tempFilePath: keep(file), size: file.size, fileType: 'image', ...(await sizeOf(file)) })),
  );
  return { type: 'image', tempFiles };
}

function openFileDialog(count: number, camera: boolean): Promise<File[]> {
  return new Promise((resolve, reject) => {
    const input = element('input', { type: 'file', accept: 'image/*', multiple: count > 1 });
    if (camera) input.setAttribute('capture', 'environment');
    input.onchange = () => resolve([...(input.files ?? [])].slice(0, count));
    input.oncancel = () => reject(new Refusal('cancel'));
    input.click();
  });
}

/** Nothing where the browser cannot read the file, as a phone does not know the size of a broken picture either. */
async function sizeOf(file: Blob): Promise<{ width?: number; height?: number }> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  return bitmap ? { width: bitmap.width, height: bitmap.height } : {};
}

async function open(path: string): Promise<{ file: Blob; bitmap: ImageBitmap }> {
  const file = await readFile(path);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Refusal('decode image fail');
  });
  return { file, bitmap };
}

interface Compress {
  src: string;
  quality?: number;
  compressedWidth?: number;
  compressedHeight?: number;
}

async function compressImage({ src, quality = 80, compressedWidth, compressedHeight }: Compress) {
  const { bitmap } = await open(src);
  const ratio = bitmap.width / bitmap.height;
  const width = compressedWidth ?? (compressedHeight ? compressedHeight * ratio : bitmap.width);
  const height = compressedHeight ?? width / ratio;
  return { tempFilePath: keep(await drawn(bitmap, [0, 0, bitmap.width, bitmap.height], width, height, quality / 100)) };
}

/** Part of a picture (left, top, width, height) drawn at another size. */
function drawn(bitmap: ImageBitmap, part: [number, number, number, number], width: number, height: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.round(width), Math.round(height));
  canvas.getContext('2d')?.drawImage(bitmap, ...part, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: JPEG, quality });
}

/** A phone lets one move the frame; here it stands in the middle, as large as it can be. */
async function cropImage({ src, cropScale = '1:1' }: { src: string; cropScale?: string }) {
  const { bitmap } = await open(src);
  const [across = 1, down = 1] = cropScale.split(':').map(Number);
  const width = Math.min(bitmap.width, (bitmap.height * across) / down);
  const height = (width * down) / across;
  await new Promise<void>((resolve, reject) => {
    const preview = element('div', { class: 'crop-frame', style: `aspect-ratio:${across}/${down}` }, element('img', { src, alt: words.picture }));
    const answer = (go: () => void) => () => {
      dialog.close();
      go();
    };
    const cancel = answer(() => reject(new Refusal('cancel')));
    const dialog = openDialog(
      { label: words.crop, place: 'everything', onCancel: cancel },
      element('h2', { class: 'settings-title' }, words.crop),
      preview,
      element('div', { class: 'dialog-answers' }, button(words.cancel, 'quiet', cancel), button(words.ok, 'main', answer(resolve))),
    );
  });
  const left = (bitmap.width - width) / 2;
  const top = (bitmap.height - height) / 2;
  return { tempFilePath: keep(await drawn(bitmap, [left, top, width, height], width, height, 0.92)) };
}

async function getImageInfo({ src }: { src: string }) {
  const { file, bitmap } = await open(src);
  return { width: bitmap.width, height: bitmap.height, path: src, orientation: 'up', type: endingOf(file).replace('jpg', 'jpeg') };
}

function previewImage({ urls, current }: { urls: string[]; current?: string | number }) {
  const first = typeof current === 'number' ? current : Math.max(0, urls.indexOf(current ?? ''));
  const strip = element('div', { class: 'preview-strip' }, ...urls.map((src) => element('img', { src, alt: words.picture })));
  const close = () => dialog.close();
  const dialog = openDialog(
    { label: words.picture, place: 'everything', onCancel: close },
    strip,
    element('button', { class: 'preview-close', 'aria-label': words.close, onclick: close }, '×'),
  );
  dialog.element.classList.add('dialog--preview');
  strip.onclick = close;
  strip.scrollLeft = first * strip.clientWidth;
}

async function saveImageToPhotosAlbum({ filePath }: { filePath: string }) {
  await needPrivacyConsent('saveImageToPhotosAlbum');
  await needPermission(ALBUM);
  download(await readFile(filePath));
}

/** A browser's album is its folder of downloads. */
export function download(file: Blob): void {
  const href = URL.createObjectURL(file);
  element('a', { href, download: `picture-${Date.now()}.${endingOf(file)}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

export const media = {
  chooseMedia: api('chooseMedia', chooseMedia),
  compressImage: api('compressImage', compressImage),
  cropImage: callbackApi('cropImage', cropImage),
  getImageInfo: api('getImageInfo', getImageInfo),
  previewImage: api('previewImage', previewImage),
  saveImageToPhotosAlbum: api('saveImageToPhotosAlbum', saveImageToPhotosAlbum),
};
