/** Whether the mini program is in front: a hidden browser tab is an app in the background. */

type Listener<T> = (value: T) => void;

export interface Launch {
  path: string;
  query: Record<string, string>;
  scene: number;
  referrerInfo: object;
  forwardMaterials?: { type: string; name: string; path: string; size: number }[];
}

export const showListeners = new Set<Listener<Launch>>();
export const hideListeners = new Set<Listener<undefined>>();

let inFront = true;

export function isInFront(): boolean {
  return inFront;
}

/** Follows the visibility of the tab; `show` and `hide` also do it by hand, for tests. */
export function watchVisibility(launch: Launch): { show(): void; hide(): void } {
  const show = () => {
    if (inFront) return;
    inFront = true;
    for (const listener of [...showListeners]) listener(launch);
  };
  const hide = () => {
    if (!inFront) return;
    inFront = false;
    for (const listener of [...hideListeners]) listener(undefined);
  };
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? hide() : show()));
  return { show, hide };
}
