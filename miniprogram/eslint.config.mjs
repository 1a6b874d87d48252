/** What tsc does not see: habits that break on a phone, or that make code hard to trust. */

import tseslint from 'typescript-eslint';

// They exist in the browser that the runner uses, and in no phone.
const NAMES_OF_THE_BROWSER = [
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
      'no-restricted-globals': ['error', ...NAMES_OF_THE_BROWSER],
      // A promise that nobody waits for fails in silence.
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    // A module that keeps something in mind is loaded anew for each test.
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
);
