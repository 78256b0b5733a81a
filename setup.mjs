// Makes a fresh clone ready: dependencies, the phone page, system packages. Every npm script runs it first,
// with whatever Node the machine has (20 or newer), before anything is installed: plain JavaScript, no imports
// but Node's own. When everything is in place it says nothing and takes a fraction of a second.
//
//   node setup.mjs                        dependencies of package-lock.json
//   node setup.mjs --page                 … and the phone page, built when its sources changed
//   node setup.mjs --with chromium,socat  … and these Debian packages, where apt-get may be used
//   node setup.mjs --unpack influxdb      … and the programs of these, for this project alone
//
// The scripts call it as `pre…` steps, not as `setup && node …`: a shell remembers where it found `node` and
// would go on with the machine's own after the pinned one has been installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
const oldestNode = 20
const pinnedNode = join(root, 'node_modules', '.bin', 'node')

const wanted = readArguments(process.argv.slice(2))
requireNode()
installDependencies()
if (wanted.page) buildPage()
if (wanted.packages.length > 0) installSystemPackages(wanted.packages)
for (const name of wanted.unpack) unpackPackage(name)

function readArguments(args) {
  const result = { page: false, packages: [], unpack: [] }
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--page') result.page = true
    else if (args[i] === '--with' && args[i + 1]) result.packages = args[++i].split(',').filter(Boolean)
    else if (args[i] === '--unpack' && args[i + 1]) result.unpack = args[++i].split(',').filter(Boolean)
    else
      fail(
        `unknown argument ${args[i]}`,
        'use: node setup.mjs [--page] [--with package,package] [--unpack package]',
      )
  }
  return result
}

function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return
  fail(
    `Node ${process.versions.node} is too old to begin with`,
    `install Node ${oldestNode} or newer; Flockwise brings the version that it runs on itself`,
  )
}

// npm writes what it installed to node_modules/.package-lock.json as its last act, so a broken-off or outdated
// installation shows there, and one made by hand with `npm install` is accepted as it is.
function installDependencies() {
  const reason = whyInstall()
  if (!reason) return
  const done = begin(`npm ci: ${reason}`)
  const npm = run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'])
  if (npm.error?.code === 'ENOENT') fail('npm was not found', 'install npm (Debian: apt-get install npm)')
  if (npm.status !== 0) {
    const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/.test(npm.output)
    process.stderr.write(npm.output)
    fail(
      offline ? 'npm could not reach its registry' : `npm ci ended with ${npm.status ?? npm.signal}`,
      offline
        ? 'check the network, or name a mirror that you can reach with: npm config set registry <address>'
        : 'read what npm says above, then run the same command again',
    )
  }
  const still = whyInstall()
  if (still)
    fail(`npm ci ran, but ${still}`, 'allow install scripts (npm config get ignore-scripts) and run it again')
  done()
}

function whyInstall() {
  const installedList = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedList)) return 'dependencies are not installed'
  const wantedPackages = readJson(join(root, 'package-lock.json')).packages
  const installed = readJson(installedList).packages
  for (const [path, entry] of Object.entries(wantedPackages)) {
    if (path === '' || entry.link) continue
    if (!installed[path] && (entry.optional || entry.devOptional || entry.peer)) continue
    if (installed[path]?.version !== entry.version)
      return `${path.replace(/^.*node_modules\//, '')} is not at ${entry.version} as in package-lock.json`
  }
  const version = wantedPackages['node_modules/node'].version
  if (run(pinnedNode, ['--version']).output.trim() !== `v${version}`)
    return `the pinned Node ${version} does not start`
  return undefined
}

// The stamp inside dist/ goes with what it describes: deleting dist/ builds again.
function buildPage() {
  const page = join(root, 'dashboards')
  if (!existsSync(join(page, 'index.html')))
    return say('no phone page yet (dashboards/index.html): not built')
  const stamp = join(page, 'dist', '.sources')
  const sources = hashFiles(['dashboards', 'domain'], ['package-lock.json'])
  const built = existsSync(stamp) && readFileSync(stamp, 'utf8')
  if (built === sources) return
  const done = begin(`phone page: ${built ? 'its sources changed' : 'not built yet'}`)
  const vite = run(pinnedNode, [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    'dashboards',
    '--logLevel',
    'warn',
  ])
  if (vite.status !== 0) {
    process.stderr.write(vite.output)
    fail('the phone page does not build', 'correct what Vite names above')
  }
  writeFileSync(stamp, sources)
  done()
}

function hashFiles(folders, files) {
  const hash = createHash('sha256')
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const child = join(path, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== 'dist' && entry.name !== 'node_modules') visit(child)
      } else if (!/\.test\.tsx?$/.test(entry.name)) add(child)
    }
  }
  const add = (file) =>
    hash.update(`${relative(root, file).split(sep).join('/')}\0`).update(readFileSync(file))
  for (const folder of folders) visit(join(root, folder))
  for (const file of files) add(join(root, file))
  return hash.digest('hex')
}

// What is missing and may not be installed is named with the command that does it; the tests that need it
// are then skipped, and say so.
function installSystemPackages(packages) {
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const elevated = whoMayInstall()
  if (!elevated) {
    say(
      `not installed: ${missing.join(', ')}. What needs them is skipped. Debian: sudo apt-get install ${missing.join(' ')}`,
    )
    return
  }
  const done = begin(`apt-get install ${missing.join(' ')}: not on this machine`)
  const apt = (...args) => run(elevated[0], [...elevated.slice(1), ...args])
  const install = () => apt('install', '--yes', '--no-install-recommends', ...missing)
  // On a new machine the lists are empty, so a first failure is no verdict.
  let result = install()
  if (result.status !== 0 && apt('update').status === 0) result = install()
  if (result.status === 0) return done()
  const why = result.output.trim().split('\n').slice(-3).join(' ')
  say(`apt-get did not install ${missing.join(', ')}: ${why}. What needs them is skipped.`)
}

// A server that tests start by themselves, on a port and in a folder of their own. Installed, Debian would run it
// as a service of this machine; unpacked, it is a program in node_modules/.cache and goes with it.
function unpackPackage(name) {
  const folder = join(root, 'node_modules', '.cache', 'debian')
  if (isInstalled(name) || existsSync(join(folder, name))) return
  const refusal = `${name} is not unpacked. What needs it is skipped.`
  if (process.env.FLOCKWISE_NO_APT || !existsSync('/usr/bin/apt-get')) return say(refusal)
  const done = begin(`unpacking ${name} for the tests`)
  const incoming = join(folder, `${name}.incoming`)
  mkdirSync(incoming, { recursive: true })
  const download = () => run('apt-get', ['-qq', 'download', name], incoming)
  let result = download()
  const elevated = whoMayInstall()
  if (result.status !== 0 && elevated && run(elevated[0], [...elevated.slice(1), 'update']).status === 0)
    result = download()
  const file = readdirSync(incoming).find((entry) => entry.endsWith('.deb'))
  if (file) result = run('dpkg-deb', ['--extract', join(incoming, file), folder])
  rmSync(incoming, { recursive: true })
  if (!file || result.status !== 0)
    return say(`${refusal} ${result.output.trim().split('\n').slice(-2).join(' ')}`)
  writeFileSync(join(folder, name), file)
  done()
}

function isInstalled(name) {
  const commands = { chromium: ['chromium', 'chromium-browser', 'google-chrome'], influxdb: ['influxd'] }
  const alternatives = commands[name] ?? [name]
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  if (alternatives.some((command) => folders.some((folder) => existsSync(join(folder, command))))) return true
  return run('dpkg', ['--status', name]).output.includes('install ok installed')
}

function whoMayInstall() {
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq']
  if (process.env.FLOCKWISE_NO_APT || !existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return apt
  return run('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n', ...apt] : undefined
}

function run(command, args, cwd = root) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  return {
    status: result.status,
    signal: result.signal,
    error: result.error,
    output: `${result.stdout ?? ''}${result.stderr ?? ''}`,
  }
}

function begin(what) {
  const startedAt = performance.now()
  process.stdout.write(`set-up: ${what} … `)
  return () => process.stdout.write(`done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
}

function say(text) {
  process.stdout.write(`set-up: ${text}\n`)
}

function fail(what, remedy) {
  process.stderr.write(`\nset-up failed: ${what}.\n  What to do: ${remedy}.\n`)
  process.exit(1)
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}
