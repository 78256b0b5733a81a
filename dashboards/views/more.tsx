import { useState } from 'preact/hooks'
import type { Failure } from '../api/client.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { FailureNote } from '../parts/messages.tsx'
import { Segments } from '../parts/segments.tsx'
import { themes, usePage, useStateOf } from '../state/context.ts'
import { linkTo } from '../state/router.ts'

export function MoreView() {
  const { texts, actions, theme, setTheme } = usePage()
  const me = useStateOf((state) => state.me)
  const farm = useStateOf((state) => state.farm)
  const [failure, setFailure] = useState<Failure>()
  return (
    <>
      <h1 class="page-title">{texts.more.title}</h1>
      {me && me.farms.length > 1 && farm && (
        <section class="card padded">
          <h2>{texts.farm.choose}</h2>
          <Segments
            label={texts.farm.choose}
            options={me.farms.map(({ id, name }) => ({ value: id, label: name }))}
            value={farm}
            onChange={(id) => void actions.chooseFarm(id)}
          />
        </section>
      )}
      <nav class="card rows" aria-label={texts.more.title}>
        <LinkRow icon="houses" text={texts.farm.addHouse} href={linkTo({ view: 'add-house' })} />
        <LinkRow icon="devices" text={texts.farm.addEdge} href={linkTo({ view: 'add-edge' })} />
      </nav>
      <section class="card padded">
        <h2>{texts.more.language}</h2>
        <LanguageChoice />
        <h2>{texts.more.theme}</h2>
        <Segments
          label={texts.more.theme}
          options={themes.map((value) => ({ value, label: texts.more.themes[value] }))}
          value={theme}
          onChange={setTheme}
        />
      </section>
      {me && (
        <section class="card padded">
          <p>{texts.enter.loggedInAs(me.name)}</p>
          <button
            type="button"
            class="button wide"
            onClick={async () => {
              const result = await actions.logOut()
              setFailure(result.ok ? undefined : result.failure)
            }}
          >
            {texts.enter.logOut}
          </button>
          {failure && <FailureNote failure={failure} />}
        </section>
      )}
    </>
  )
}

function LinkRow({ icon, text, href }: { icon: IconName; text: string; href: string }) {
  return (
    <a class="row link-row" href={href}>
      <Icon name={icon} />
      <span>{text}</span>
      <Icon name="forward" />
    </a>
  )
}
