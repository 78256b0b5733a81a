import { Problem } from '#domain/errors.ts'
import type { App } from './app.ts'

/** What no file of ours is named; file servers break on it instead of not finding it. */
const ODD = /%00|%5c|\\/i

/** For a scope whose routes come from a plugin that serves files: they are for anyone. */
export function openToAnyone(scope: App): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, door: 'anyone' }
  })
  scope.addHook('onRequest', async ({ url }) => {
    if (ODD.test(url.split('?', 1)[0] ?? ''))
      throw new Problem('not-found', 'there is no file of such a name')
  })
}
