/** Counts per class of `widthG` that starts at `fromG`, for a picture of the day. */
export type Histogram = { fromG: number; widthG: number; counts: number[] }

export function weightHistogram(weightsG: readonly number[], meanG: number): Histogram {
  const widthG = Math.max(1, Math.round(meanG * 0.04))
  const fromG = Math.floor((meanG * 0.5) / widthG) * widthG
  const counts = new Array<number>(Math.ceil(meanG / widthG)).fill(0)
  for (const grams of weightsG) {
    const index = Math.floor((grams - fromG) / widthG)
    if (index >= 0 && index < counts.length) counts[index] = (counts[index] as number) + 1
  }
  return { fromG, widthG, counts }
}
