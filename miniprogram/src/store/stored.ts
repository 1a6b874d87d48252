/** A value that outlives the mini program, in the phone's storage; who wants to know hears of its changes. */

export interface Stored<T> {
  get(): T;
  set(value: T): void;
  /** Returns how to hear no more of it. */
  subscribe(listener: (value: T) => void): () => void;
}

const forgetting: (() => void)[] = [];

/** Every value goes back to what it was before anything was stored; whoever shows one has to be closed afterwards. */
export function forgetStored(): void {
  wx.clearStorageSync();
  for (const forget of forgetting) forget();
}

/** `initial` until something was stored under `key`. What a full storage refuses is kept until the program ends. */
export function stored<T>(key: string, initial: T): Stored<T> {
  const listeners = new Set<(value: T) => void>();
  let value: T | undefined;
  forgetting.push(() => {
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

/** Objects of an earlier version lack fields that were added since: those come from `initial`. */
function read<T>(key: string, initial: T): T {
  const found: unknown = wx.getStorageSync(key);
  if (found === '' || found === undefined || found === null) return initial;
  return isPlain(found) && isPlain(initial) ? { ...initial, ...(found as object) } : (found as T);
}

function write(key: string, value: unknown): void {
  try {
    wx.setStorageSync(key, value);
  } catch {
    // the storage is full: better a value that is forgotten than a page that breaks
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
