const KEY = 'flockwise.market-g'
const USUAL_G = 2500

/** The live weight that this phone's owner sells at, g. */
export function keptMarketG(): number {
  const kept = Number(readKept())
  return kept >= 100 && kept <= 15_000 ? kept : USUAL_G
}

export function keepMarketG(grams: number): void {
  try {
    localStorage.setItem(KEY, String(grams))
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}

function readKept(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
