import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a run with the reason of every skipped test and one plain line, `N passed, N failed, N skipped`. A test
 * file that cannot be loaded and an error outside any test count as failures too.
 */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const brokenFiles = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0)
    const brokenSuites = modules
      .flatMap((module) => [...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0)
    for (const test of tests) {
      const result = test.result()
      if (result.state !== 'skipped') continue
      const reason = result.note ? ` (${result.note})` : ''
      process.stdout.write(`skipped: ${test.module.relativeModuleId} > ${test.fullName}${reason}\n`)
    }
    const failed = count('failed') + brokenFiles.length + brokenSuites.length + errors.length
    // The default reporter writes its own summary at the same event; this line has to be the last.
    process.on('exit', () => {
      process.stdout.write(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped\n`)
    })
  }
}
