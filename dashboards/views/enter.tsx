import type { ComponentChildren } from 'preact'
import { Field, Form } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { usePage } from '../state/context.ts'
import { idFrom } from '../values/id-from.ts'
import { hereZone, timeZones } from '../values/time-zones.ts'

export function LogInView() {
  const { texts, actions } = usePage()
  return (
    <Gate title={texts.enter.logIn}>
      <Form
        submit={texts.enter.logIn}
        onSubmit={({ login = '', password = '' }) => actions.logIn({ login, password })}
      >
        <Field name="login" label={texts.enter.login} autoComplete="username" maxLength={120} />
        <Field
          name="password"
          label={texts.enter.password}
          type="password"
          autoComplete="current-password"
          maxLength={200}
        />
      </Form>
    </Gate>
  )
}

export function SetupView() {
  const { texts, actions } = usePage()
  return (
    <Gate title={texts.enter.setup} lead={texts.enter.setupLead}>
      <Form
        submit={texts.enter.create}
        onSubmit={({ code = '', name = '', login = '', password = '' }) =>
          actions.setUp({ code, name, login, password })
        }
      >
        <Field
          name="code"
          label={texts.enter.code}
          hint={texts.enter.codeHint}
          autoComplete="one-time-code"
          maxLength={64}
        />
        <Field name="name" label={texts.enter.name} autoComplete="name" maxLength={80} />
        <Field
          name="login"
          label={texts.enter.login}
          hint={texts.enter.loginHint}
          autoComplete="username"
          minLength={3}
          maxLength={120}
        />
        <Field
          name="password"
          label={texts.enter.password}
          hint={texts.enter.passwordHint}
          type="password"
          autoComplete="new-password"
          minLength={10}
          maxLength={200}
        />
      </Form>
    </Gate>
  )
}

export function NewFarmView() {
  const { texts, actions } = usePage()
  return (
    <Gate title={texts.farm.newFarm} lead={texts.farm.newFarmLead}>
      <Form
        submit={texts.farm.create}
        onSubmit={({ name = '', timeZone = '' }) => actions.makeFarm({ id: idFrom(name), name, timeZone })}
      >
        <Field name="name" label={texts.farm.name} maxLength={80} />
        <Field
          name="timeZone"
          label={texts.farm.timeZone}
          hint={texts.farm.timeZoneHint}
          value={hereZone()}
          options={timeZones()}
          maxLength={64}
        />
      </Form>
    </Gate>
  )
}

export function UnreachableView() {
  const { texts, actions } = usePage()
  return (
    <Gate title={texts.link.unreachable} lead={texts.link.unreachableTodo}>
      <button type="button" class="button primary wide" onClick={() => void actions.start()}>
        <Icon name="signal" />
        {texts.common.retry}
      </button>
    </Gate>
  )
}

function Gate({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <main class="gate">
      <div class="gate-mark">
        <img src="./icon.svg" alt="" width="56" height="56" />
        <span>Flockwise</span>
      </div>
      <h1>{title}</h1>
      {lead && <p class="lead">{lead}</p>}
      {children}
      <LanguageChoice />
    </main>
  )
}
