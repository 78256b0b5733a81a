import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Failure, Result } from '../api/client.ts'
import { usePage } from '../state/context.ts'
import { Icon } from './icon.tsx'
import { FailureNote } from './messages.tsx'

type FieldGiven = {
  name: string
  label: string
  hint?: string
  type?: 'text' | 'password' | 'date' | 'number'
  value?: string | number
  isOptional?: boolean
  min?: number | string
  max?: number | string
  step?: number | 'any'
  minLength?: number
  maxLength?: number
  pattern?: string
  autoComplete?: string
  options?: readonly string[]
}

export function Field({
  name,
  label,
  hint,
  type = 'text',
  value,
  isOptional = false,
  options,
  ...rest
}: FieldGiven) {
  const id = useId()
  const { texts } = usePage()
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isOptional && <span class="optional"> ({texts.common.optional})</span>}
      </label>
      <input
        {...({ type } as { type: 'text' })}
        id={id}
        name={name}
        defaultValue={value === undefined ? '' : String(value)}
        required={!isOptional}
        aria-describedby={hint ? `${id}-hint` : undefined}
        list={options ? `${id}-list` : undefined}
        autoCapitalize="none"
        {...(type === 'number' && {
          inputMode: rest.step === 'any' ? ('decimal' as const) : ('numeric' as const),
        })}
        {...rest}
      />
      {options && (
        <datalist id={`${id}-list`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}

/** A whole number with a large less and more beside it: a thumb counts birds faster than it types. */
export function CountField({
  name,
  label,
  value,
  max,
}: {
  name: string
  label: string
  value?: number
  max: number
}) {
  const id = useId()
  const { texts } = usePage()
  const step = (by: number) => {
    const input = document.getElementById(id) as HTMLInputElement
    input.value = String(Math.min(max, Math.max(1, (Number.parseInt(input.value, 10) || 0) + by)))
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="stepper">
        <button type="button" class="button" aria-label={texts.common.less} onClick={() => step(-1)}>
          <Icon name="minus" />
        </button>
        <input
          id={id}
          name={name}
          type="number"
          inputMode="numeric"
          min={1}
          max={max}
          step={1}
          required
          defaultValue={value === undefined ? '' : String(value)}
        />
        <button type="button" class="button" aria-label={texts.common.more} onClick={() => step(1)}>
          <Icon name="plus" />
        </button>
      </div>
    </div>
  )
}

type ChoiceGiven = {
  name: string
  label: string
  options: readonly { value: string; label: string }[]
  value?: string
}

export function Choice({ name, label, options, value }: ChoiceGiven) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} defaultValue={value ?? options[0]?.value ?? ''}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}

type FormGiven = {
  submit: string
  /** Called with the fields by name, empty ones left out. */
  onSubmit(fields: Readonly<Record<string, string>>): Promise<Result<unknown>>
  onCancel?: () => void
  children: ComponentChildren
}

/** A form that stays as it was typed until the service has taken it. */
export function Form({ submit, onSubmit, onCancel, children }: FormGiven) {
  const { texts } = usePage()
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  return (
    <form
      class="form"
      onSubmit={async (event) => {
        event.preventDefault()
        const fields: Record<string, string> = {}
        for (const [name, text] of new FormData(event.currentTarget)) {
          if (typeof text === 'string' && text.trim() !== '')
            fields[name] = name === 'password' ? text : text.trim()
        }
        setBusy(true)
        const result = await onSubmit(fields)
        setBusy(false)
        setFailure(result.ok ? undefined : result.failure)
      }}
    >
      {children}
      {failure && <FailureNote failure={failure} />}
      <div class="actions">
        {onCancel && (
          <button type="button" class="button" onClick={onCancel}>
            {texts.common.cancel}
          </button>
        )}
        <button type="submit" class="button primary" disabled={isBusy}>
          {isBusy ? texts.common.saving : submit}
        </button>
      </div>
    </form>
  )
}
