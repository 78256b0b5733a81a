import { useNow, usePage } from '../state/context.ts'
import { ageText, staleAfterMs } from '../values/age.ts'
import { Icon } from './icon.tsx'

/** How old a value is, counting on; said to be stale, in words, when it is too old for its metric. */
export function Age({ t, metric }: { t: number; metric?: string }) {
  const { texts } = usePage()
  const now = useNow()
  const text = ageText(t, now, texts)
  if (now - t <= staleAfterMs(metric)) return <span class="age">{text}</span>
  return (
    <span class="age stale">
      <Icon name="clock" />
      {texts.age.stale(text)}
    </span>
  )
}
