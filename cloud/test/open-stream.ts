import type { LiveEvent } from '#domain/api/farm.ts'

/** A page's end of the live stream. */
export type TestStream = {
  /** The next so many events; fails after a while without them. */
  take(count: number): Promise<LiveEvent[]>
  /** Whether the server ended it, soon. */
  ended(): Promise<boolean>
  close(): Promise<void>
}

const PATIENCE_MS = 5000

/** Resolves when the stream is open: whoever opened it is then a watcher. */
export async function openStream(url: string, cookie: string): Promise<TestStream> {
  const abort = new AbortController()
  const response = await fetch(url, { headers: { cookie }, signal: abort.signal })
  if (!response.ok || !response.body) throw new Error(`the stream was refused: ${response.status}`)
  const events: LiveEvent[] = []
  let isOver = false
  let tell = () => {}
  const reading = (async () => {
    let text = ''
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const parts = (text + chunk).split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? []
        if (kind && data) events.push({ kind, ...JSON.parse(data) } as LiveEvent)
      }
      tell()
    }
  })()
    .catch(() => {})
    .finally(() => {
      isOver = true
      tell()
    })
  const until = async (isDone: () => boolean, what: string) => {
    const deadline = performance.now() + PATIENCE_MS
    while (!isDone()) {
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}; there were ${events.length}`)
      await new Promise<void>((resolve) => {
        tell = resolve
        setTimeout(resolve, 100)
      })
    }
  }

  return {
    async take(count) {
      await until(() => events.length >= count, `${count} events`)
      return events.splice(0, count)
    },
    async ended() {
      await until(() => isOver, 'the end')
      return true
    },
    async close() {
      abort.abort()
      await reading
    },
  }
}
