import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigMistake } from '#domain/config.ts'
import type { DeviceDefinition } from './devices/definition.ts'
import { findDevice } from './devices/index.ts'
import { readProfile } from './devices/profile.ts'
import { profileDevice } from './devices/profile-device.ts'
import { readYaml } from './read-yaml.ts'

/** Beside farm.yaml: one file for each model that the installer adds. */
export const PROFILE_FOLDER = 'profiles'

export type Profiles = { definitions: DeviceDefinition[]; mistakes: ConfigMistake[] }

/** The profiles of a folder, YAML or JSON; all mistakes of all files. A folder that is not there has none. */
export function readProfiles(folder: string): Profiles {
  const definitions: DeviceDefinition[] = []
  const mistakes: ConfigMistake[] = []
  for (const file of filesOf(folder)) {
    const at = `/${PROFILE_FOLDER}/${file}`
    const input = readYaml(() => readFileSync(join(folder, file), 'utf8'))
    if (!input.ok) {
      mistakes.push({ path: at, message: `cannot be read: ${input.reason}` })
      continue
    }
    const result = readProfile(input.value)
    if (!result.ok) {
      mistakes.push(...result.mistakes.map(({ path, message }) => ({ path: `${at}${path}`, message })))
      continue
    }
    const { model } = result.profile
    if (findDevice(model) || definitions.some((other) => other.model === model))
      mistakes.push({ path: `${at}/model`, message: `there is already a model "${model}"` })
    else definitions.push(profileDevice(result.profile))
  }
  return { definitions, mistakes }
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
  } catch {
    return []
  }
}
