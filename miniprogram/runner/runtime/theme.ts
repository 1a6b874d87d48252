/** Light and dark: follows the browser, and looks up the `@names` of theme.json. */

export type Theme = 'light' | 'dark';

const darkness = window.matchMedia('(prefers-color-scheme: dark)');

export const themeListeners = new Set<(result: { theme: Theme }) => void>();

export function theme(): Theme {
  return darkness.matches ? 'dark' : 'light';
}

/** `'@navBackground'` becomes the colour (or the picture) of the present theme. */
export function themed(value: string | undefined, fallback: string): string {
  if (!value) return fallback;
  return value.startsWith('@') ? (miniProgram.theme[theme()]?.[value.slice(1)] ?? fallback) : value;
}

export function watchTheme(): void {
  darkness.addEventListener('change', () => {
    for (const listener of [...themeListeners]) listener({ theme: theme() });
  });
}
