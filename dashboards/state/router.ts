import { useEffect, useState } from 'preact/hooks'

export const houseTabs = ['now', 'charts', 'books'] as const
export type HouseTab = (typeof houseTabs)[number]

/** Every place of the page. Addresses stand behind the `#`: they work under any path and without a server. */
export type Place =
  | { view: 'overview' | 'alarms' | 'health' | 'ledger' | 'more' | 'add-house' | 'add-edge' }
  | { view: 'house'; house: string; tab: HouseTab }

const plain = ['alarms', 'health', 'ledger', 'more', 'add-house', 'add-edge'] as const

export function readPlace(hash: string): Place {
  const [first = '', second, third] = hash.replace(/^#\/?/, '').split('/').map(safeDecode)
  const view = plain.find((name) => name === first)
  if (view) return { view }
  if (first === 'house' && second)
    return { view: 'house', house: second, tab: houseTabs.find((tab) => tab === third) ?? 'now' }
  return { view: 'overview' }
}

export function linkTo(place: Place): string {
  if (place.view === 'overview') return '#/'
  if (place.view !== 'house') return `#/${place.view}`
  return `#/house/${encodeURIComponent(place.house)}${place.tab === 'now' ? '' : `/${place.tab}`}`
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => readPlace(location.hash))
  useEffect(() => {
    const read = () => setPlace(readPlace(location.hash))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return place
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
