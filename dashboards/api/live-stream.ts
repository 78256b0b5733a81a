import type { LiveEvent } from '#domain/api/farm.ts'

export type LiveStream = { close(): void }

type Deps = {
  url: string
  onUp(): void
  onDown(): void
  onEvent(event: LiveEvent): void
}

const kinds = [
  'values',
  'alarm',
  'edge',
  'thermal',
  'changed',
] as const satisfies readonly LiveEvent['kind'][]

/** Waits between two tries, ms: doubling to half a minute, each cut by up to a half so that phones do not march in step. */
export function* backOff(random: () => number): Generator<number, never> {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 30_000)) yield wait * (1 - random() / 2)
}

/**
 * The server's live stream, opened anew by itself. EventSource alone gives up at the first HTTP error, so each
 * trouble closes it and a new one is made after a growing wait; `online` from the browser cuts the wait short.
 */
export function openLiveStream({ url, onUp, onDown, onEvent }: Deps): LiveStream {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let waits = backOff(Math.random)

  function connect() {
    clearTimeout(timer)
    source?.close()
    const opened = new EventSource(url)
    source = opened
    opened.onopen = () => {
      waits = backOff(Math.random)
      onUp()
    }
    opened.onerror = () => {
      opened.close()
      onDown()
      clearTimeout(timer)
      timer = setTimeout(connect, waits.next().value)
    }
    for (const kind of kinds) {
      opened.addEventListener(kind, ({ data }) => {
        const event = read(kind, data)
        if (event) onEvent(event)
      })
    }
  }
  connect()
  addEventListener('online', connect)
  addEventListener('offline', onDown)
  return {
    close() {
      removeEventListener('offline', onDown)
      removeEventListener('online', connect)
      clearTimeout(timer)
      source?.close()
    },
  }
}

function read(kind: LiveEvent['kind'], data: string): LiveEvent | undefined {
  try {
    return { kind, ...JSON.parse(data) }
  } catch {
    return undefined
  }
}
