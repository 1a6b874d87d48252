/** The file system. Only files that another API returned can be read, uploaded or saved. */

import { ApiFailure } from '../state/api-failure';
import { usageError } from '../state/error-log';
import { temporaryFile } from '../state/temporary-files';
import { api } from './api';

/** Reads a temporary file, or an image from the package or the service. */
export async function readFile(path: string): Promise<Blob> {
  const file = temporaryFile(path);
  if (file) return file;
  const response = await fetch(path).catch(() => null);
  if (!response?.ok) throw new ApiFailure('file not found');
  return response.blob();
}

const fileSystemManager = {
  getFileInfo: api('getFileInfo', ({ filePath }: { filePath: string }) => ({ size: existingFile(filePath).size })),
  stat: api('stat', ({ path }: { path: string }) => {
    const { size } = existingFile(path);
    return { stats: { size, mode: 0, lastAccessedTime: 0, lastModifiedTime: 0, isFile: () => true, isDirectory: () => false } };
  }),
};

function existingFile(path: string): Blob {
  const file = temporaryFile(path);
  if (!file) throw new ApiFailure(`no such file or directory ${path}`);
  return file;
}

export const files = {
  getFileSystemManager: () =>
    new Proxy(fileSystemManager, {
      get(target, name: string) {
        if (name in target) return target[name as keyof typeof target];
        throw usageError(`FileSystemManager.${name} is not supported by the runner`);
      },
    }),
};
