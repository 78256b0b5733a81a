import type { ComponentChildren } from 'preact'
import { isErrorCode } from '#domain/errors.ts'
import type { Failure } from '../api/client.ts'
import type { Texts } from '../i18n/en.ts'
import { usePage } from '../state/context.ts'
import { Icon, type IconName } from './icon.tsx'

/** Codes whose detail says more than our own words can: which field, which entry. */
const tellDetail: readonly string[] = ['not-valid', 'books-wrong', 'calibration-wrong', 'already-there']

/** A failure in plain words; the service's own detail where we know no better. */
export function failureText(failure: Failure, texts: Texts): string {
  if (failure.kind === 'offline') return texts.failure.offline
  const problems: Partial<Record<string, string>> = texts.problems
  const known = failure.code && isErrorCode(failure.code) ? problems[failure.code] : undefined
  if (known === undefined) return `${texts.failure.unknown} (${failure.detail})`
  return tellDetail.includes(failure.code ?? '') ? `${known} (${failure.detail})` : known
}

export function FailureNote({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const { texts } = usePage()
  return (
    <div class="note bad" role="alert">
      <Icon name={failure.kind === 'offline' ? 'offline' : 'warning'} />
      <span>{failureText(failure, texts)}</span>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          {texts.common.retry}
        </button>
      )}
    </div>
  )
}

/** Why a part of the page is empty: it is on its way, or it could not be had. */
export function Waiting({ failure, onRetry }: { failure: Failure | undefined; onRetry(): void }) {
  const { texts } = usePage()
  if (!failure) {
    return (
      <p class="loading" role="status">
        {texts.common.loading}
      </p>
    )
  }
  if (failure.kind === 'refused') return <FailureNote failure={failure} onRetry={onRetry} />
  return (
    <div class="note" role="status">
      <Icon name="offline" />
      <span>{texts.failure.notLoadedOffline}</span>
    </div>
  )
}

export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName
  title: string
  children?: ComponentChildren
}) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
