import { dependencyViolations } from '../architecture/dependencies.ts'
import { dependencyRules } from '../architecture/dependency-rules.ts'
import { type Finding, projectRoot, verdict } from './step.ts'

export async function checkDependencies(): Promise<Finding> {
  const violations = await dependencyViolations(projectRoot)
  const reasons = new Map(dependencyRules.forbidden.map((rule) => [rule.name, rule.comment]))
  return verdict(
    violations.map(({ rule, from, to, importers }) => {
      const what = importers ? `${from} is imported by ${importers.join(', ')}` : `${from} → ${to}`
      return `${rule}: ${what}\n  ${reasons.get(rule)}`
    }),
  )
}
