import type { Framer } from '../framers/framer.ts'

/** A framer whose frames are turned into what they mean. */
export function mapFramer<Frame, Sample>(
  framer: Framer<Frame>,
  toSample: (frame: Frame) => Sample,
): Framer<Sample> {
  return {
    push: (bytes) =>
      framer
        .push(bytes)
        .map((event) => (event.kind === 'frame' ? { kind: 'frame', frame: toSample(event.frame) } : event)),
    reset: () => framer.reset().filter((event) => event.kind === 'discarded'),
  }
}
