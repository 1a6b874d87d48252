/** A value in the storage of the device, with change notifications. */

export interface StoredValue<T> {
  get(): T;
  set(value: T): void;
  /** Returns the function that unsubscribes the listener. */
  subscribe(listener: (value: T) => void): () => void;
}

const resets: (() => void)[] = [];

/** Registers what a module has to reset when the user's data on this device is cleared. */
export function onLocalDataCleared(reset: () => void): void {
  resets.push(reset);
}

/** Clears the storage and everything in memory that depends on the user. Pages that show such data have to be closed afterwards. */
export function clearLocalData(): void {
  for (const reset of resets) reset();
  wx.clearStorageSync(); // last, because a reset may write
}

/** Returns the value under `key`, or `initial` if there is none. If the storage is full, the value lasts until the app ends. */
export function storedValue<T>(key: string, initial: T): StoredValue<T> {
  const listeners = new Set<(value: T) => void>();
  let value: T | undefined;
  onLocalDataCleared(() => {
    value = initial;
  });
  return {
    get() {
      if (value === undefined) value = read(key, initial);
      return value;
    },
    set(next) {
      value = next;
      write(key, next);
      for (const listener of [...listeners]) listener(next);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Fields that an earlier version of the app did not store come from `initial`. */
function read<T>(key: string, initial: T): T {
  const found: unknown = wx.getStorageSync(key);
  if (found === '' || found === undefined || found === null) return initial;
  return isPlainObject(found) && isPlainObject(initial) ? { ...initial, ...(found as object) } : (found as T);
}

function write(key: string, value: unknown): void {
  try {
    wx.setStorageSync(key, value);
  } catch {
    // The storage is full. The value stays in memory only.
  }
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
