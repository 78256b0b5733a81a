import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/views.css'
import { createApi } from './api/client.ts'
import { openKeptAnswers } from './api/kept-answers.ts'
import { openLiveStream } from './api/live-stream.ts'
import { takeEarly } from './api/take-early.ts'
import { App } from './app.tsx'
import type { Early } from './early.ts'
import type { Texts } from './i18n/en.ts'
import { type Language, loadTexts, pickLanguage } from './i18n/load-texts.ts'
import { createActions } from './state/actions.ts'
import { PageContext, type Theme, themes } from './state/context.ts'
import { initialState } from './state/state.ts'
import { createStore } from './state/store.ts'
import { createFormat } from './values/format.ts'

const { early } = globalThis as { early?: Early }
const api = createApi(takeEarly(early, (...request) => fetch(...request), Date.now))
const kept = openKeptAnswers(globalThis.indexedDB)
const store = createStore(initialState)
const actions = createActions({ api, kept, store, clock: Date.now, openStream: openLiveStream })
const settings = readSettings()

// Words and data travel at the same time: on one bar of signal each round trip counts.
void actions.start()
const language = pickLanguage(settings.get('language'), navigator.languages)
const root = document.getElementById('app') as HTMLElement
loadTexts(language).then((texts) => {
  root.replaceChildren()
  render(<Root language={language} texts={texts} />, root)
})

const PAUSE_AFTER_MS = 30_000
let pausing: ReturnType<typeof setTimeout> | undefined
document.addEventListener('visibilitychange', () => {
  clearTimeout(pausing)
  if (document.visibilityState === 'visible') actions.resume()
  else pausing = setTimeout(actions.pause, PAUSE_AFTER_MS)
})
addEventListener('pagehide', actions.pause)
addEventListener('pageshow', actions.resume)
setInterval(() => document.visibilityState === 'visible' && actions.tick(), 5_000)
addEventListener('load', () => void keepShell())

function Root(first: { language: Language; texts: Texts }) {
  const [{ language, texts }, setWords] = useState(first)
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((name) => name === settings.get('theme')) ?? 'system',
  )
  const [format, setFormat] = useState(() => createFormat(texts))
  useEffect(() => {
    document.documentElement.lang = texts.locale
  }, [texts])
  useEffect(() => applyTheme(theme), [theme])
  return (
    <PageContext.Provider
      value={{
        api,
        kept,
        store,
        actions,
        texts,
        format,
        language,
        theme,
        setLanguage(wanted) {
          settings.set('language', wanted)
          void loadTexts(wanted).then((words) => {
            setFormat(createFormat(words))
            setWords({ language: wanted, texts: words })
          })
        },
        setTheme(wanted) {
          settings.set('theme', wanted)
          setTheme(wanted)
        },
      }}
    >
      <App />
    </PageContext.Provider>
  )
}

/** Follows the phone unless somebody chose. Returns what ends it. */
function applyTheme(theme: Theme): () => void {
  const phone = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    document.documentElement.dataset['theme'] =
      theme === 'system' ? (phone.matches ? 'dark' : 'light') : theme
  }
  apply()
  phone.addEventListener('change', apply)
  return () => phone.removeEventListener('change', apply)
}

/** Settings of this phone. In a private window without storage they last as long as the page. */
function readSettings() {
  const memory = new Map<string, string>()
  const key = (name: string) => `flockwise.${name}`
  return {
    get(name: string): string | null {
      try {
        return localStorage.getItem(key(name)) ?? memory.get(name) ?? null
      } catch {
        return memory.get(name) ?? null
      }
    },
    set(name: string, value: string): void {
      memory.set(name, value)
      try {
        localStorage.setItem(key(name), value)
      } catch {
        // Kept in memory above.
      }
    },
  }
}

/** The shell without a net. A new build waits until its user agrees: files of two builds must not mix. */
async function keepShell(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  const registration = await navigator.serviceWorker.register('./service-worker.js').catch(() => undefined)
  const offer = () => {
    const { waiting } = registration ?? {}
    if (!waiting || !navigator.serviceWorker.controller) return
    store.set({
      newVersion() {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload())
        waiting.postMessage('take-over')
      },
    })
  }
  offer()
  registration?.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer)
  })
}
