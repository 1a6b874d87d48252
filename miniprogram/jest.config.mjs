/**
 * One configuration for the four kinds of test, so that one run reports one total.
 *
 * `npm test` runs all kinds; `npx jest --selectProjects unit` runs one kind.
 */

const typescript = {
  '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tests/tsconfig.json', diagnostics: false }],
};

/** @param {string} kind @param {object} overrides */
const project = (kind, overrides = {}) => ({
  displayName: kind,
  rootDir: '.',
  testMatch: [`<rootDir>/tests/${kind}/**/*.test.ts`],
  testEnvironment: 'node',
  transform: typescript,
  restoreMocks: true,
  ...overrides,
});

export default {
  projects: [
    project('static'),
    project('unit'),
    project('component', { testEnvironment: 'jsdom' }),
    project('e2e', { globalSetup: '<rootDir>/tests/e2e/global-setup.ts', globalTeardown: '<rootDir>/tests/e2e/global-teardown.ts' }),
  ],
  reporters: ['default', '<rootDir>/tests/report.mjs'],
};
