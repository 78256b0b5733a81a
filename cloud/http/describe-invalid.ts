import type { FastifySchemaValidationError } from 'fastify'

type Mistake = FastifySchemaValidationError

/**
 * A schema's complaints as one sentence that names the field. Where a union was tried, only the branch is
 * quoted that was meant: the one whose constants (`kind`, `lane`) fit.
 */
export function describeInvalid(
  mistakes: readonly Mistake[],
  part: string,
): { field: string; detail: string } {
  const [first] = meant(mistakes)
  if (!first) return { field: part, detail: `${part} does not have the right shape` }
  const field = `${part}${first.instancePath}`
  return { field, detail: `${field} ${first.message}${hint(first)}` }
}

function meant(mistakes: readonly Mistake[]): Mistake[] {
  const branches = new Map<string, Mistake[]>()
  for (const mistake of mistakes) {
    const branch = /^(.*?\/anyOf\/\d+)(\/|$)/.exec(mistake.schemaPath)?.[1]
    if (branch !== undefined) branches.set(branch, [...(branches.get(branch) ?? []), mistake])
  }
  const [best] = [...branches.values()]
    .filter((branch) => !branch.some(({ keyword }) => keyword === 'const'))
    .sort((a, b) => a.length - b.length)
  const outside = mistakes.filter(({ schemaPath }) => !schemaPath.includes('/anyOf/'))
  const said = best ?? (outside.length > 0 ? outside : [...mistakes])
  // An unknown member is said twice, once as a value that no schema allows: the name is in the other.
  return said.toSorted((a, b) => Number(a.keyword === 'boolean') - Number(b.keyword === 'boolean'))
}

function hint({ keyword, params }: Mistake): string {
  const { allowedValues, additionalProperties } = params
  if (keyword === 'enum' && Array.isArray(allowedValues)) return `: ${allowedValues.join(', ')}`
  if (keyword === 'additionalProperties') return `: ${String(additionalProperties)}`
  return ''
}
