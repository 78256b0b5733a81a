import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, projectRoot, verdict } from './step.ts'

type LockedPackage = {
  version?: string
  resolved?: string
  deprecated?: string
  optionalDependencies?: Record<string, string>
}
export type LockFile = { packages: Record<string, LockedPackage> }

/**
 * A lock file that installs anywhere: it names no registry host (a farm behind a mirror must be able to use its
 * own), no package that its authors gave up, and the binaries for every platform, not only for the one it was
 * written on: npm leaves out what it could not reach, and `npm ci` then refuses the file.
 */
export function lockFileProblems({ packages }: LockFile): string[] {
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...(entry.resolved?.startsWith('http') ? [`${path} names a registry: ${entry.resolved}`] : []),
    ...(entry.deprecated ? [`${path} is deprecated: ${entry.deprecated}`] : []),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !locked.has(name))
      .map((name) => `${path} lacks its optional ${name}`),
  ])
}

export async function checkLockFile(): Promise<Finding> {
  const text = await readFile(join(projectRoot, 'package-lock.json'), 'utf8')
  return verdict(lockFileProblems(JSON.parse(text) as LockFile))
}
