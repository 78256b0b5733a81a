const KELVIN = 273.15

/** What a surface gives off of its own, and the temperature, °C, of what it mirrors beside that. */
export type Surface = { emissivity: number; reflectedC: number }

/**
 * What a camera takes for °C, worked out for another surface than it took it for: the sum of what the surface gives
 * off and what it mirrors stays, Stefan and Boltzmann's fourth powers. Over a few metres of air nothing is lost.
 */
export function forSurface(celsius: number, assumed: Surface, actual: Surface): number {
  const mirrored = (surface: Surface) => (1 - surface.emissivity) * (surface.reflectedC + KELVIN) ** 4
  const seen = assumed.emissivity * (celsius + KELVIN) ** 4 + mirrored(assumed)
  return (Math.max(0, seen - mirrored(actual)) / actual.emissivity) ** 0.25 - KELVIN
}
