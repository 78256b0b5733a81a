import { createContext } from 'preact'
import { useContext, useEffect, useReducer, useState } from 'preact/hooks'
import type { Api, Failure } from '../api/client.ts'
import type { KeptAnswers } from '../api/kept-answers.ts'
import type { Texts } from '../i18n/en.ts'
import type { Language } from '../i18n/load-texts.ts'
import type { Format } from '../values/format.ts'
import type { Actions } from './actions.ts'
import type { State } from './state.ts'
import { type Store, useSelected } from './store.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What every view can reach: the state, what changes it, and the words of the language chosen. */
export type Page = {
  api: Api
  kept: KeptAnswers
  store: Store<State>
  actions: Actions
  texts: Texts
  format: Format
  language: Language
  theme: Theme
  setLanguage(language: Language): void
  setTheme(theme: Theme): void
}

export const PageContext = createContext<Page | undefined>(undefined)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('drawn outside of the page')
  return page
}

export function useStateOf<Part>(select: (state: State) => Part): Part {
  return useSelected(usePage().store, select)
}

const everySecond = new Set<() => void>()
setInterval(() => {
  for (const listener of everySecond) listener()
}, 1000)

/** The server's time, UTC ms; the component is drawn again each second. */
export function useNow(): number {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const { actions } = usePage()
  useEffect(() => {
    const listener = () => redraw(undefined as never)
    everySecond.add(listener)
    return () => {
      everySecond.delete(listener)
    }
  }, [])
  return actions.serverNow()
}

export type Answer<T> = {
  body: T | undefined
  /** When it was so, server time. */
  at: number
  /** From the phone's memory, not from the service. */
  isKept: boolean
  failure: Failure | undefined
  reload(): void
}

type Got<T> = Omit<Answer<T>, 'reload'> & { keptAs: string | undefined }

/**
 * The answer to a question at this path: what is kept at once, then what the service says. It is asked again
 * when `version` changes and when the line comes back. Without a path nothing is asked. Questions with the same
 * `keptAs` are one that moves with the clock: the last answer stays in sight, and only one is kept.
 */
export function useAnswer<T>(path: string | undefined, version: unknown = 0, keptAs = path): Answer<T> {
  const { api, kept, actions } = usePage()
  const isLive = useStateOf(({ link }) => link === 'live')
  const [tries, reload] = useReducer((count: number) => count + 1, 0)
  const nothing: Got<T> = { keptAs, body: undefined, at: 0, isKept: false, failure: undefined }
  const [got, setGot] = useState(nothing)
  useEffect(() => {
    if (path === undefined || keptAs === undefined) return
    let isOver = false
    const show = (next: Partial<Got<T>>) => {
      if (!isOver) setGot((before) => ({ ...(before.keptAs === keptAs ? before : nothing), ...next }))
    }
    void kept.get<T>(keptAs).then((known) => {
      if (known)
        setGot((before) =>
          isOver || (before.keptAs === keptAs && before.body !== undefined)
            ? before
            : { ...nothing, ...known, isKept: true },
        )
    })
    void api.get<T>(path).then((result) => {
      if (!result.ok) return show({ failure: result.failure, isKept: true })
      const at = actions.serverNow()
      show({ body: result.body, at, isKept: false, failure: undefined })
      void kept.put(keptAs, { at, body: result.body })
    })
    return () => {
      isOver = true
    }
  }, [path, version, tries, isLive])
  return { ...(got.keptAs === keptAs ? got : nothing), reload: () => reload(undefined as never) }
}
