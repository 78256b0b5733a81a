import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export const inProject = (path: string): string => join(root, path)
export const readText = (path: string): string => readFileSync(inProject(path), 'utf8')

/** Where a program lies on this machine, or undefined: service programs are often not in a user's PATH, and setup.mjs unpacks some. */
export function programPath(name: string): string | undefined {
  const unpacked = inProject('node_modules/.cache/debian/usr/bin')
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', unpacked]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** Names of ours that a program reads from its environment: only main.ts may. */
export function environmentOf(app: string): Set<string> {
  return new Set(readText(`${app}/main.ts`).match(/\b(FLOCKWISE_[A-Z0-9_]+|TRUST_PROXY)\b/g) ?? [])
}
