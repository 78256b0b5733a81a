/** Where a device's samples go. */
export type Sink<Sample> = {
  /** `t` is UTC ms. */
  sample(sample: Sample, t: number): void
  /** The line was closed; `isLost` when nobody meant it to be. */
  end(isLost: boolean): void
}
