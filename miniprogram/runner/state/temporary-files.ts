/** Files that `chooseMedia`, `downloadFile` and similar APIs returned. They exist until the browser page is closed. */

const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/gif': 'gif', 'image/heic': 'heic' };

const files = new Map<string, Blob>();

/** Stores a file and returns its path. */
export function addTemporaryFile(file: Blob): string {
  const path = URL.createObjectURL(file);
  files.set(path, file);
  return path;
}

export function temporaryFile(path: string): Blob | undefined {
  return files.get(path);
}

export function fileExtension(file: Blob): string {
  return EXTENSIONS[file.type] ?? 'dat';
}
