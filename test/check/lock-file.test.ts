import { describe, expect, it } from 'vitest'
import { lockFileProblems } from './lock-file.ts'

const sound = {
  '': {},
  'node_modules/a': { version: '1.0.0', optionalDependencies: { '@a/linux': '1.0.0' } },
  'node_modules/@a/linux': { version: '1.0.0' },
}

describe('lock file', () => {
  it('passes when complete', () => expect(lockFileProblems({ packages: sound })).toEqual([]))

  it.each([
    [
      'a registry',
      { resolved: 'https://registry.example/b.tgz' },
      'node_modules/b names a registry: https://registry.example/b.tgz',
    ],
    ['a deprecated package', { deprecated: 'use c' }, 'node_modules/b is deprecated: use c'],
    [
      'a missing platform',
      { optionalDependencies: { '@b/mac': '1.0.0' } },
      'node_modules/b lacks its optional @b/mac',
    ],
  ])('names %s', (_what, entry, problem) => {
    expect(
      lockFileProblems({ packages: { ...sound, 'node_modules/b': { version: '1.0.0', ...entry } } }),
    ).toEqual([problem])
  })
})
