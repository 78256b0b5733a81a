import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const compressible = /\.(js|css|html|svg|webmanifest)$/
const worker = 'service-worker.js'
const early = 'early.js'

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
      await writeTextFiles(folder, files)
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

/** Tells early.js the file of each language. */
async function writeTextFiles(folder: string, files: string[]): Promise<void> {
  const texts = files.flatMap((file) => {
    const language = /^assets\/(en|zh)-[^/]+\.js$/.exec(file)?.[1]
    return language ? [[language, `./${file}`]] : []
  })
  await fillIn(join(folder, early), 'TEXTS', JSON.stringify(Object.fromEntries(texts)))
}

/** The minifier may have chosen any kind of quotes; in parentheses an object is none of a function's blocks. */
async function fillIn(path: string, name: string, json: string): Promise<void> {
  const source = await readFile(path, 'utf8')
  const filled = source.replace(new RegExp(`(["'\`])%${name}%\\1`), () => `(${json})`)
  if (filled === source) throw new Error(`${path} has no place for ${name}`)
  await writeFile(path, filled)
}

/** The version is the hash of all files: a changed page is a changed service worker, which the browser notices. */
async function writeShellList(folder: string, files: string[]): Promise<void> {
  const shell = files.filter(
    (file) => file !== worker && !/\.(br|gz)$/.test(file) && !/-512\.png$/.test(file),
  )
  const hash = createHash('sha256')
  for (const file of shell) hash.update(file).update(await readFile(join(folder, file)))
  const path = join(folder, worker)
  await fillIn(path, 'SHELL', JSON.stringify(shell))
  const source = await readFile(path, 'utf8')
  await writeFile(path, source.replace('%VERSION%', hash.digest('hex').slice(0, 12)))
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }))
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
}
