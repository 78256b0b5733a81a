import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askDate } from './ask-date.ts'

/** Certificates that were valid in 2020: to this machine they are as wrong as good ones are to a machine in 1970. */
const IN_2020 = ['20200101000000Z', '20210101000000Z'] as const
const TODAY = [undefined, '20991231235959Z'] as const
const SOME_DAY = 'Wed, 01 Jul 2020 12:00:00 GMT'

let dir: string
const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function makeRoot(name: string) {
  openssl(
    ...['req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '10'],
    ...['-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE'],
  )
}
function makeCertificate(
  name: string,
  root: string,
  [from, to]: readonly [string | undefined, string],
  extensions = 'subjectAltName=DNS:localhost',
) {
  writeFileSync(join(dir, `${name}.index`), '')
  writeFileSync(join(dir, `${name}.serial`), `0${name.length}`)
  writeFileSync(
    join(dir, `${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\nserial=${name}.serial\nnew_certs_dir=.\ndefault_md=sha256\n` +
      `policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\n${extensions}\n`,
  )
  openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  openssl(
    ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-in', `${name}.csr`, '-out', `${name}.pem`],
    ...['-cert', `${root}.pem`, '-keyfile', `${root}.key`, '-enddate', to],
    ...(from ? ['-startdate', from] : []),
  )
}
const pem = (name: string) => readFileSync(join(dir, name), 'utf8')

async function ask(names: readonly string[], date = SOME_DAY, roots = ['root.pem']) {
  const server = createServer(
    { key: pem(`${names[0]}.key`), cert: names.map((name) => pem(`${name}.pem`)).join('') },
    (_, response) => response.writeHead(200, { date }).end(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await askDate(`https://localhost:${port}/api`, roots.map(pem))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe.skipIf(!hasOpenssl)('the date behind certificates that look invalid', () => {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'flockwise-date-'))
    makeRoot('root')
    makeRoot('forger')
    makeCertificate('cloud', 'root', IN_2020)
    makeCertificate('forged', 'forger', IN_2020)
    makeCertificate('other', 'root', IN_2020, 'subjectAltName=DNS:example.org')
    makeCertificate('person', 'root', IN_2020, 'subjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth')
    makeCertificate('fine', 'root', TODAY)
    makeCertificate('between', 'root', IN_2020, 'basicConstraints=critical,CA:TRUE')
    makeCertificate('below', 'between', IN_2020)
    makeCertificate('nested', 'cloud', IN_2020)
  }, 60_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.each([
    ['of the cloud', ['cloud']],
    ['with one in between', ['below', 'between']],
  ])('is taken from a chain %s that is wrong by its dates alone', async (_, chain) => {
    expect(await ask(chain)).toEqual({ kind: 'date', dateMs: Date.parse(SOME_DAY) })
  })

  it.each([
    ['signed by somebody unknown', ['forged']],
    ['for another name', ['other']],
    ['for a person', ['person']],
    ['signed with a certificate that may not sign', ['nested', 'cloud']],
    ['whose chain is not whole', ['below']],
    ['with a foreign one in between', ['below', 'forger']],
  ])('is not taken from one %s', async (_, chain) => {
    expect(await ask(chain)).toMatchObject({ kind: 'refused' })
  })

  it('is not taken when it lies outside of the certificates', async () => {
    expect(await ask(['cloud'], 'Fri, 01 Jul 2022 12:00:00 GMT')).toMatchObject({ kind: 'refused' })
    expect(await ask(['cloud'], 'soon')).toMatchObject({ kind: 'refused' })
  })

  it('is not needed where the certificate is fine', async () => {
    expect(await ask(['fine'])).toEqual({ kind: 'no-need' })
  })

  it('is not had from nobody', async () => {
    expect(await askDate('https://127.0.0.1:9/')).toMatchObject({ kind: 'refused' })
  })
})
