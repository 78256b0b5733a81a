import type { EdgeView } from '#domain/api/farm.ts'
import { useNow, usePage } from '../state/context.ts'
import { ageText, STALE_AFTER_MS } from '../values/age.ts'
import { Icon } from './icon.tsx'

/** Fewer readings than these are on their way all the time. */
const BACKLOG_WORTH_SAYING = 200

/** When the box was last heard of, and what it still has to send. */
export function EdgeLine({ edge }: { edge: EdgeView | undefined }) {
  const { texts, format } = usePage()
  const now = useNow()
  if (!edge) return <Line icon="offline" text={texts.overview.noEdge} isBad />
  if (edge.seenAt === 0) return <Line icon="offline" text={texts.overview.neverSeen} isBad />
  const age = ageText(edge.seenAt, now, texts)
  if (now - edge.seenAt > STALE_AFTER_MS)
    return <Line icon="offline" text={texts.overview.noContact(age)} isBad />
  return (
    <>
      <Line icon="signal" text={texts.overview.contact(age)} />
      {edge.backlog > BACKLOG_WORTH_SAYING && (
        <Line icon="upload" text={texts.overview.backlog(format.number(edge.backlog))} />
      )}
    </>
  )
}

function Line({
  icon,
  text,
  isBad = false,
}: {
  icon: 'offline' | 'signal' | 'upload'
  text: string
  isBad?: boolean
}) {
  return (
    <span class={isBad ? 'edge-line bad' : 'edge-line'}>
      <Icon name={icon} />
      {text}
    </span>
  )
}
