// A process of its own, so that the minutes are minutes whatever else is measured meanwhile.
import { measureMonth } from './month.ts'

const stopped = new AbortController()
process.once('SIGTERM', () => stopped.abort())
process.once('disconnect', () => stopped.abort())
process.once('message', (minutes) => {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  measureMonth(Number(minutes), say, stopped.signal).then(
    (traffic) => process.send?.(traffic, () => process.exit(0)),
    (error: unknown) => {
      if (!stopped.signal.aborted) console.error(error)
      process.exit(1)
    },
  )
})
