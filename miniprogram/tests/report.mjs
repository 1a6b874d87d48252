/** Ends a run with what a person asks first: which scenarios were walked through, and one count over all kinds of test. */

const MARKS = { passed: '✓', failed: '✗' };

export default class Report {
  /** @param {unknown} _config @param {import('@jest/reporters').AggregatedResult} run */
  onRunComplete(_config, run) {
    const tests = run.testResults.flatMap((file) =>
      file.testResults.map((test) => ({ ...test, isScenario: file.displayName?.name === 'e2e' })),
    );
    const count = (/** @type {string[]} */ ...statuses) => tests.filter((test) => statuses.includes(test.status)).length;
    const scenarios = tests.filter((test) => test.isScenario);
    const filesThatDidNotRun = run.testResults.filter((file) => file.testExecError).length;
    const lines = [
      ...(scenarios.length > 0 ? ['', 'End to end, in a browser against the real service:'] : []),
      ...scenarios.map(({ status, fullName }) => `  ${MARKS[status] ?? '-'} ${fullName}`),
      ...(process.env.E2E_MISSING ? ['', `*** THE END-TO-END SCENARIOS DID NOT RUN: ${process.env.E2E_MISSING} ***`] : []),
      '',
      `${count('passed')} passed, ${count('failed') + filesThatDidNotRun} failed, ${count('pending', 'todo', 'disabled')} skipped`,
    ];
    // Jest's own summary comes after all reporters, and this is to be the last line.
    process.once('exit', () => console.log(lines.join('\n')));
  }
}
