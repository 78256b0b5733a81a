/** Why bytes were thrown away. Counted by reason and shown on the health page. */
export type DiscardReason =
  /** Bytes that belong to no frame. */
  | 'noise'
  /** A whole frame whose checksum does not fit. */
  | 'checksum'
  /** A whole frame that says something impossible. */
  | 'implausible'
  /** A frame that began and was cut off, by the next one or by silence. */
  | 'truncated'

/** `count` is bytes for noise, frames for the other reasons. */
export type Discarded = { kind: 'discarded'; reason: DiscardReason; count: number }
export type Framed<Frame> = { kind: 'frame'; frame: Frame } | Discarded

/**
 * Bytes in, frames out. Pure and total: no I/O, no clock, never throws, keeps at most one frame's bytes.
 * After a bad checksum it advances by one byte and looks again.
 */
export type Framer<Frame> = {
  push(bytes: Uint8Array): Framed<Frame>[]
  /** Ends what was begun (the line fell silent or was opened anew); what is left over is discarded. */
  reset(): Framed<Frame>[]
}

/** What a protocol says of the bytes from some place on: there is always at least one. */
export type Look<Frame> =
  | { kind: 'frame'; bytes: number; frame: Frame }
  | { kind: 'skip'; bytes: number; reason: DiscardReason }
  /** What may stand between frames, a line's end: nobody's loss. */
  | { kind: 'gap'; bytes: number }
  /** A frame may begin here; too few bytes to tell. */
  | { kind: 'wait' }

export const WAIT = { kind: 'wait' } as const
export const NOISE = { kind: 'skip', bytes: 1, reason: 'noise' } as const
export const IMPLAUSIBLE = { kind: 'skip', bytes: 1, reason: 'implausible' } as const
export const BAD_CHECKSUM = { kind: 'skip', bytes: 1, reason: 'checksum' } as const

const [LF, CR] = [0x0a, 0x0d]
export const LINE_ENDS = [LF, CR] as const
/** Ends a line of text. */
export const isLineEnd = (byte: number | undefined): boolean => byte === LF || byte === CR
export const LINE_GAP = { kind: 'gap', bytes: 1 } as const

const EMPTY = new Uint8Array(0)

/**
 * The part that all framers share: keeps what waits for more bytes, moves on as `look` says.
 * `look` may not wait with `maxBytes` before it; if it does, the first byte is noise. `starts` are the bytes with
 * which anything at all can begin: what lies before the next of them is noise without a look.
 */
export function createFramer<Frame>(
  maxBytes: number,
  look: (bytes: Uint8Array) => Look<Frame>,
  starts?: readonly number[],
): Framer<Frame> {
  let pending: Uint8Array = EMPTY
  const isStart = starts && Uint8Array.from({ length: 256 }, (_, byte) => (starts.includes(byte) ? 1 : 0))
  return {
    push(bytes) {
      const events: Framed<Frame>[] = []
      const all = pending.length === 0 ? bytes : joined(pending, bytes)
      let at = 0
      while (at < all.length) {
        if (isStart) {
          const from = at
          while (at < all.length && isStart[all[at] as number] === 0) at++
          if (at > from) discard(events, 'noise', at - from)
          if (at === all.length) break
        }
        const seen = look(all.subarray(at))
        if (seen.kind === 'wait') {
          if (all.length - at < maxBytes) break
          discard(events, 'noise', 1)
          at += 1
        } else {
          if (seen.kind === 'frame') events.push({ kind: 'frame', frame: seen.frame })
          else if (seen.kind === 'skip')
            discard(events, seen.reason, seen.reason === 'noise' ? seen.bytes : 1)
          at += seen.bytes
        }
      }
      // A copy: the caller may fill its buffer again.
      pending = at < all.length ? all.slice(at) : EMPTY
      return events
    },
    reset() {
      const begun = pending.length > 0
      pending = EMPTY
      return begun ? [{ kind: 'discarded', reason: 'truncated', count: 1 }] : []
    },
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** Noise of a megabyte is one event, not a million. */
function discard(events: Framed<unknown>[], reason: DiscardReason, count: number): void {
  const last = events.at(-1)
  if (last?.kind === 'discarded' && last.reason === reason) last.count += count
  else events.push({ kind: 'discarded', reason, count })
}
