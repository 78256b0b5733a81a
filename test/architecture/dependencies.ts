// Holds a tree laid out like this project against the rules of dependency-rules.ts.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { dependencyRules, isTest } from './dependency-rules.ts'

/** `importers`: for a rule about how many files import `to`, who they are. */
export type Violation = { rule: string; from: string; to: string; importers?: string[] }

const folders = [
  'domain',
  'firmware-bridge',
  'edge',
  'cloud',
  'dashboards',
  'sqlite-file',
  'request-signing',
  'node-file',
  'demo',
  'test',
]

/** Every breach of the rules in the tree at `root` (absolute). Throws when a file there cannot be parsed. */
export async function dependencyViolations(root: string): Promise<Violation[]> {
  const present = folders.filter((folder) => existsSync(join(root, folder)))
  const rules = { forbidden: dependencyRules.forbidden }
  const { output } = await cruise(present, {
    ...dependencyRules.options,
    baseDir: root,
    ruleSet: rules,
    validate: true,
  })
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output}`)
  return output.summary.violations.map(({ rule, from, to, type }) => {
    if (type !== 'module') return { rule: rule.name, from, to }
    // `from` is the package here. Of those who import it, only files of the rule's own folder break it.
    const folder = dependencyRules.forbidden.find(({ name }) => name === rule.name)?.from?.path
    const importers = output.modules.find((module) => module.source === from)?.dependents ?? []
    return {
      rule: rule.name,
      from,
      to,
      importers: importers.filter((path) => new RegExp(String(folder)).test(path) && !isTest(path)),
    }
  })
}
