/** Lint rules for what tsc does not check, including globals that do not exist in WeChat. */

import tseslint from 'typescript-eslint';

// These globals exist in the runner's browser, but not in WeChat.
const BROWSER_GLOBALS = [
  'window', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'fetch', 'XMLHttpRequest', 'FormData',
  'Blob', 'File', 'FileReader', 'Image', 'URL', 'URLSearchParams', 'Headers', 'AbortController', 'WebSocket', 'crypto',
  'alert', 'confirm', 'TextEncoder', 'TextDecoder', 'Intl', 'structuredClone', 'queueMicrotask', 'requestAnimationFrame',
  'process', 'Buffer', 'global', 'globalThis', '__dirname', '__filename',
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'docs', '**/*.d.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'error',
      'no-empty': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-unreachable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-globals': ['error', ...BROWSER_GLOBALS],
      // Errors of a promise that is not awaited are lost.
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    // Tests load modules with state again for each test, with require().
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
);
