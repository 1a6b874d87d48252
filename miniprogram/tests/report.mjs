/** A Jest reporter that ends the output with the end-to-end scenarios and one count over all kinds of test. */

const SYMBOLS = { passed: '✓', failed: '✗' };

export default class Report {
  /** @param {unknown} _config @param {import('@jest/reporters').AggregatedResult} run */
  onRunComplete(_config, run) {
    const tests = run.testResults.flatMap((file) =>
      file.testResults.map((test) => ({ ...test, isScenario: file.displayName?.name === 'e2e' })),
    );
    const count = (/** @type {string[]} */ ...statuses) => tests.filter((test) => statuses.includes(test.status)).length;
    const scenarios = tests.filter((test) => test.isScenario);
    const failedFiles = run.testResults.filter((file) => file.testExecError).length;
    const lines = [
      ...(scenarios.length > 0 ? ['', 'End to end, in a browser against the real service:'] : []),
      ...scenarios.map(({ status, fullName }) => `  ${SYMBOLS[status] ?? '-'} ${fullName}`),
      ...(process.env.E2E_MISSING ? ['', `*** THE END-TO-END SCENARIOS DID NOT RUN: ${process.env.E2E_MISSING} ***`] : []),
      '',
      `${count('passed')} passed, ${count('failed') + failedFiles} failed, ${count('pending', 'todo', 'disabled')} skipped`,
    ];
    // Jest prints its own summary after all reporters. Printing at exit makes this the last line.
    process.once('exit', () => console.log(lines.join('\n')));
  }
}
