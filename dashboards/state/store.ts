import { useEffect, useReducer, useRef } from 'preact/hooks'

export type Store<State> = {
  get(): State
  set(patch: Partial<State>): void
  /** Returns what ends it. */
  subscribe(listener: () => void): () => void
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    set(patch) {
      state = { ...state, ...patch }
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** A part of the state; the component is drawn again only when that part is another one. */
export function useSelected<State, Part>(store: Store<State>, select: (state: State) => Part): Part {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const part = select(store.get())
  const shown = useRef({ part, select })
  shown.current = { part, select }
  useEffect(() => {
    const compare = () => {
      if (!Object.is(shown.current.select(store.get()), shown.current.part)) redraw(undefined as never)
    }
    compare()
    return store.subscribe(compare)
  }, [store])
  return part
}
