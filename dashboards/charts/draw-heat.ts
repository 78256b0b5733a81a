import type { ThermalView } from '#domain/api/farm.ts'

/** Dark to light, so that it reads without colour too; blue to yellow keeps its order for colour-blind eyes. */
const scale: readonly (readonly [number, number, number])[] = [
  [14, 17, 56],
  [67, 29, 117],
  [140, 41, 129],
  [207, 68, 95],
  [247, 128, 60],
  [253, 196, 76],
  [252, 249, 199],
]

export const scaleSteps = scale.map((rgb) => `rgb(${rgb.join(' ')})`)

/** One pixel of the canvas for one of the picture; the browser scales it up smoothly. `low`, `high` in °C × 100. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  { width, height, centiC }: ThermalView,
  low: number,
  high: number,
): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const image = context.createImageData(width, height)
  const span = Math.max(1, high - low)
  centiC.forEach((value, index) => {
    image.data.set([...colourAt((value - low) / span), 255], index * 4)
  })
  context.putImageData(image, 0, 0)
}

function colourAt(share: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (scale.length - 1)
  const index = Math.min(scale.length - 2, Math.floor(place))
  const from = scale[index] ?? [0, 0, 0]
  const to = scale[index + 1] ?? from
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - index))
  return [mix(0), mix(1), mix(2)]
}
