import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'

/** One mistake: where it stands and what to do about it. */
export type ConfigMistake = { path: string; message: string }

type Validator = { Errors(input: unknown): TLocalizedValidationError[] }
const MAX_MISTAKES = 100

/** What of a file has the wrong shape, all of it: left to itself, the validator ends after eight mistakes. */
export function schemaMistakes(validator: Validator, input: unknown): ConfigMistake[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: MAX_MISTAKES })
  const errors = validator.Errors(input)
  Settings.Set({ maxErrors })
  return (
    errors
      // An unknown name is told twice: by its parent, which lists it, and by itself, as a schema of `false`.
      .filter(({ keyword }) => keyword !== 'boolean')
      .map((error) => ({ path: error.instancePath || '/', message: messageOf(error) }))
  )
}

function messageOf({ message, params }: TLocalizedValidationError): string {
  if ('additionalProperties' in params) return `unknown: ${params.additionalProperties}`
  if ('allowedValues' in params) return `must be one of ${params.allowedValues.join(', ')}`
  return message
}
