import type { Texts } from './en.ts'

/** A third language is one file and one line here. Each is a chunk of its own: a phone loads the one it shows. */
const loaders = {
  en: () => import('./en.ts').then(({ en }) => en),
  zh: () => import('./zh.ts').then(({ zh }) => zh),
} satisfies Record<string, () => Promise<Texts>>

export type Language = keyof typeof loaders
/** Each language by its own name, so that one can find back from a wrong choice. */
export const languages: Record<Language, string> = { en: 'English', zh: '简体中文' }

export function isLanguage(tag: string | null | undefined): tag is Language {
  return typeof tag === 'string' && Object.hasOwn(loaders, tag)
}

/** The first of the browser's languages that we speak; English when it is none. */
export function pickLanguage(chosen: string | null, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

export function loadTexts(language: Language): Promise<Texts> {
  return loaders[language]()
}
