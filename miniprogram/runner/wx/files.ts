/** Temporary files: what chooseMedia, downloadFile and the like gave, and nothing else, can be uploaded or saved. */

import { mistake } from '../runtime/errors';
import { api, Refusal } from './convention';

const ENDINGS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/gif': 'gif', 'image/heic': 'heic' };

const given = new Map<string, Blob>();

/** Keeps a file for as long as the page lives, and gives its path. */
export function keep(file: Blob): string {
  const path = URL.createObjectURL(file);
  given.set(path, file);
  return path;
}

export function fileAt(path: string): Blob | undefined {
  return given.get(path);
}

export function endingOf(file: Blob): string {
  return ENDINGS[file.type] ?? 'dat';
}

/** The file of a temporary path, or a picture of the package or the service. */
export async function readFile(path: string): Promise<Blob> {
  const kept = fileAt(path);
  if (kept) return kept;
  const response = await fetch(path).catch(() => null);
  if (!response?.ok) throw new Refusal('file not found');
  return response.blob();
}

const manager = {
  getFileInfo: api('getFileInfo', ({ filePath }: { filePath: string }) => ({ size: mustHave(filePath).size })),
  stat: api('stat', ({ path }: { path: string }) => {
    const { size } = mustHave(path);
    return { stats: { size, mode: 0, lastAccessedTime: 0, lastModifiedTime: 0, isFile: () => true, isDirectory: () => false } };
  }),
};

function mustHave(path: string): Blob {
  const file = fileAt(path);
  if (!file) throw new Refusal(`no such file or directory ${path}`);
  return file;
}

export const files = {
  getFileSystemManager: () =>
    new Proxy(manager, {
      get(target, name: string) {
        if (name in target) return target[name as keyof typeof target];
        throw mistake(`FileSystemManager.${name} is not one of the runner's`);
      },
    }),
};
