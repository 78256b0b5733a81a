import type { LiveEvent } from '#domain/api/farm.ts'

/**
 * Reads a server-sent event stream as a browser does. `onEvent` gets each event with the time it arrived.
 * Resolves when the stream ends or `signal` aborts.
 */
export async function readLiveEvents(
  response: Response,
  onEvent: (event: LiveEvent, arrivedAt: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!response.body) throw new Error('the live stream has no body')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  signal.addEventListener('abort', () => reader.cancel().catch(() => {}), { once: true })
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done || signal.aborted) return
    const arrivedAt = Date.now()
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const kind = /^event: ?(.*)$/m.exec(block)?.[1]
      const data = /^data: ?(.*)$/m.exec(block)?.[1]
      if (kind && data) onEvent({ kind, ...JSON.parse(data) } as LiveEvent, arrivedAt)
    }
  }
}
