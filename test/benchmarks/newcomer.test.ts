import { expect, it } from 'vitest'
import { newcomersEnvironment } from './newcomer.ts'

it("a newcomer's shell knows nothing of the npm script that measures it", () => {
  const env = {
    PATH: '/project/node_modules/.bin:/usr/lib/node_modules/npm/node-gyp-bin:/usr/bin',
    HOME: '/home/farmer',
    INIT_CWD: '/project',
    npm_package_name: 'flockwise',
    npm_lifecycle_event: 'bench',
    npm_config_local_prefix: '/project',
    npm_config_registry: 'https://mirror.example',
    npm_config_cache: '/home/farmer/.npm',
  }
  expect(newcomersEnvironment(env, '/tmp/empty')).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/farmer',
    npm_config_registry: 'https://mirror.example',
    npm_config_cache: '/tmp/empty',
  })
})
