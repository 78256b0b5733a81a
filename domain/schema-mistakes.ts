import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'

/** One mistake: where it stands and what to do about it. */
export type ConfigMistake = { path: string; message: string }

type ValidationError = TLocalizedValidationError
type Validator = { Errors(input: unknown): ValidationError[] }
const MAX_ERRORS = 1000
const MAX_MISTAKES = 100

/** What of a file has the wrong shape, all of it: left to itself, the validator ends after eight mistakes. */
export function schemaMistakes(validator: Validator, input: unknown): ConfigMistake[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: MAX_ERRORS })
  const errors = validator.Errors(input)
  Settings.Set({ maxErrors })
  return (
    meantMembers(errors)
      // An unknown name is told twice: by its parent, which lists it, and by itself, as a schema of `false`.
      .filter((error) => error.keyword !== 'boolean')
      .map((error) => ({ path: error.instancePath || '/', message: messageOf(error) }))
      .slice(0, MAX_MISTAKES)
  )
}

/**
 * A value that may be one of several shapes is measured by the validator against each of them. Told are only the
 * mistakes of the shape that is meant: the one whose fixed words (`type: serial`) fit. Where none fits, the
 * words that would are named once.
 */
function meantMembers(errors: readonly ValidationError[]): ValidationError[] {
  let kept = [...errors]
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .sort((a, b) => a.schemaPath.length - b.schemaPath.length)
  for (const union of unions) {
    // What an outer union has left out needs no advice.
    if (!kept.includes(union)) continue
    const members = membersOf(union, kept)
    const meant = members.filter((member) => !member.some((error) => isOtherKind(error, union)))
    const inside = new Set(members.flat())
    const told = meant.length > 0 && meant.length < members.length ? meant.flat() : summed(union, members)
    kept = kept.flatMap((error) => (error === union ? told : inside.has(error) ? [] : [error]))
  }
  return kept
}

function membersOf({ schemaPath, instancePath }: ValidationError, errors: readonly ValidationError[]) {
  const start = `${schemaPath}/anyOf/`
  const members = new Map<string, ValidationError[]>()
  for (const error of errors) {
    const isInside = error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`)
    if (!isInside || !error.schemaPath.startsWith(start)) continue
    const [member = ''] = error.schemaPath.slice(start.length).split('/')
    members.set(member, [...(members.get(member) ?? []), error])
  }
  return [...members.values()]
}

/** The value is plainly not of this member: a fixed word of it, or what kind of thing it is, differs. */
function isOtherKind(
  { keyword, schemaPath, instancePath }: ValidationError,
  union: ValidationError,
): boolean {
  const below = instancePath.slice(union.instancePath.length)
  const isOfInnerUnion = schemaPath.slice(`${union.schemaPath}/anyOf/`.length).includes('/anyOf/')
  if (keyword === 'const') return below.split('/').length <= 2 && !isOfInnerUnion
  return keyword === 'type' && below === ''
}

function summed(union: ValidationError, members: readonly ValidationError[][]): ValidationError[] {
  const fixed = members.flatMap((member) => member.filter((error) => isOtherKind(error, union)))
  const [first] = fixed
  if (!first || fixed.length < members.length) return members.flat()
  const choices = fixed.map(({ params }) =>
    'allowedValue' in params ? String(params.allowedValue) : 'type' in params ? String(params.type) : '',
  )
  return [{ ...first, message: `must be one of ${choices.join(', ')}` }]
}

function messageOf({ message, params }: ValidationError): string {
  if ('additionalProperties' in params) return `unknown: ${params.additionalProperties}`
  if ('allowedValues' in params) return `must be one of ${params.allowedValues.join(', ')}`
  return message
}
