/** Light or dark theme, taken from the browser, and the theme variables of theme.json. */

export type Theme = 'light' | 'dark';

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

export const themeListeners = new Set<(result: { theme: Theme }) => void>();

export function theme(): Theme {
  return prefersDark.matches ? 'dark' : 'light';
}

/** Replaces a theme variable such as `'@navBackground'` with its color or image path in the current theme. */
export function resolveThemeValue(value: string | undefined, fallback: string): string {
  if (!value) return fallback;
  return value.startsWith('@') ? (miniProgram.theme[theme()]?.[value.slice(1)] ?? fallback) : value;
}

export function watchTheme(): void {
  prefersDark.addEventListener('change', () => {
    for (const listener of [...themeListeners]) listener({ theme: theme() });
  });
}
