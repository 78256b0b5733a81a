import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Finding, projectRoot, verdict } from './step.ts'

/** Texts by key, in groups as deep as one likes; a function makes a text from values and is left alone. */
export type Texts = { [key: string]: unknown }

/**
 * What the compiler cannot see in two languages whose keys it has compared: a text or a placeholder
 * (`{name}`) that is there in one language and empty or lost in the other, a text left in the other language.
 */
export function textProblems(en: Texts, zh: Texts): string[] {
  const [english, chinese] = [flatten(en), flatten(zh)]
  return [...new Set([...english.keys(), ...chinese.keys()])].flatMap((key) => {
    const problem = pairProblem(english.get(key), chinese.get(key))
    return problem ? [`${key}: ${problem}`] : []
  })
}

function pairProblem(en: string | undefined, zh: string | undefined): string | undefined {
  if (zh === undefined) return 'only in en'
  if (en === undefined) return 'only in zh'
  if ((en.trim() === '') !== (zh.trim() === '')) return `empty in ${en.trim() === '' ? 'en' : 'zh'}`
  if (placeholders(en) !== placeholders(zh))
    return `placeholders differ: en ${placeholders(en)}, zh ${placeholders(zh)}`
  // Units, symbols and names like "CO₂" or "zh-CN" stand in both; a word of four small letters is English.
  if (!han.test(zh) && /[a-z]{4,}/.test(zh.replaceAll(placeholder, ''))) return `zh is not Chinese: ${zh}`
  if (han.test(en)) return `en is not English: ${en}`
  return undefined
}

export async function checkTexts(): Promise<Finding> {
  const [en, zh] = await Promise.all([load('en'), load('zh')])
  return verdict(textProblems(en, zh))
}

async function load(language: 'en' | 'zh'): Promise<Texts> {
  const path = join(projectRoot, `dashboards/i18n/${language}.ts`)
  if (!existsSync(path)) return {}
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  return module[language] as Texts
}

const han = /\p{Script=Han}/u
const placeholder = /\{\w+\}/g

function placeholders(text: string): string {
  return (text.match(placeholder) ?? ['none']).sort().join(' ')
}

function flatten(texts: Texts, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') flat.set(prefix + key, value)
    else if (typeof value === 'object' && value !== null) {
      for (const [inner, text] of flatten(value as Texts, `${prefix}${key}.`)) flat.set(inner, text)
    }
  }
  return flat
}
