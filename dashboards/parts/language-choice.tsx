import { type Language, languages } from '../i18n/load-texts.ts'
import { usePage } from '../state/context.ts'
import { Segments } from './segments.tsx'

export function LanguageChoice() {
  const { texts, language, setLanguage } = usePage()
  return (
    <Segments
      label={texts.more.language}
      options={(Object.keys(languages) as Language[]).map((value) => ({ value, label: languages[value] }))}
      value={language}
      onChange={setLanguage}
    />
  )
}
