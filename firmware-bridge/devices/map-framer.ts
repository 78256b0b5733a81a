import type { Framed, Framer } from '../framers/framer.ts'

/** A framer whose frames are turned into what they mean; undefined is a frame that says nothing of use. */
export function mapFramer<Frame, Sample>(
  framer: Framer<Frame>,
  toSample: (frame: Frame) => Sample | undefined,
): Framer<Sample> {
  return {
    push: (bytes) =>
      framer.push(bytes).flatMap((event): Framed<Sample>[] => {
        if (event.kind !== 'frame') return [event]
        const sample = toSample(event.frame)
        return sample === undefined ? [] : [{ kind: 'frame', frame: sample }]
      }),
    reset: () => framer.reset().filter((event) => event.kind === 'discarded'),
  }
}
