import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const compressible = /\.(js|css|html|svg|webmanifest)$/
const worker = 'service-worker.js'

/**
 * What is left to do once the files lie in dist/: tell the service worker which files make up the shell, and
 * put a .br and a .gz copy beside each text file, so that the server compresses nothing while a phone waits.
 */
export function finishBuild(): Plugin {
  let folder = ''
  return {
    name: 'flockwise-finish-build',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    async closeBundle() {
      const files = await listFiles(folder)
      await writeShellList(folder, files)
      await Promise.all(
        files.filter((file) => compressible.test(file)).map((file) => compress(join(folder, file))),
      )
    },
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** The version is the hash of all files: a changed page is a changed service worker, which the browser notices. */
async function writeShellList(folder: string, files: string[]): Promise<void> {
  const shell = files.filter(
    (file) => file !== worker && !/\.(br|gz)$/.test(file) && !/-512\.png$/.test(file),
  )
  const hash = createHash('sha256')
  for (const file of shell) hash.update(file).update(await readFile(join(folder, file)))
  const source = await readFile(join(folder, worker), 'utf8')
  const filled = source
    .replace('"%SHELL%"', JSON.stringify(shell))
    .replace('`%SHELL%`', JSON.stringify(shell))
    .replace('%VERSION%', hash.digest('hex').slice(0, 12))
  if (filled.includes('%SHELL%')) throw new Error('the service worker has no place for the list of files')
  await writeFile(join(folder, worker), filled)
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }))
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
}
