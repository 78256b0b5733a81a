// `npm run check`: everything that can be said about the code without running it. All steps run, also after one
// has failed; the last line counts them.
import { cpus } from 'node:os'
import { checkDependencies } from './dependencies.ts'
import { checkLockFile } from './lock-file.ts'
import { command, type Finding, type Step } from './step.ts'
import { checkTexts } from './texts.ts'

const steps: Step[] = [
  { name: 'types of the Node code', run: command('tsc', '--project', '.', '--pretty', 'false') },
  { name: 'types of the phone page', run: command('tsc', '--project', 'dashboards', '--pretty', 'false') },
  { name: 'lint and format', run: command('biome', 'ci', '--colors=off', '--error-on-warnings', '.') },
  { name: 'who imports whom', run: checkDependencies },
  { name: 'dead code', run: command('knip', '--no-progress') },
  { name: 'texts in both languages', run: checkTexts },
  { name: 'lock file', run: checkLockFile },
]

const findings: Finding[] = []
const waiting = [...steps]
await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, work))
const failed = findings.filter((finding) => !finding.ok).length
process.stdout.write(`\n${findings.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

async function work(): Promise<void> {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const startedAt = performance.now()
    const finding = await step.run()
    findings.push(finding)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    process.stdout.write(
      `${finding.ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(28)}${seconds.padStart(6)} s\n`,
    )
    if (!finding.ok) process.stdout.write(`${finding.report.trimEnd().replaceAll(/^/gm, '       ')}\n`)
  }
}
