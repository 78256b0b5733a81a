import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, getCACertificates, type TLSSocket } from 'node:tls'

/**
 * The cloud's date, for a machine whose own date is so wrong that every certificate looks expired or not yet valid. The
 * connection has to prove that it is the cloud's in every way but that one, and the date it tells has to lie within
 * its certificates. So whoever lies must hold a key that was once certified for the cloud's name; and what is told is a
 * first guess, which only dates readings until the time is known. Nothing is sent but the question.
 */
export type DateAnswer =
  | { kind: 'date'; dateMs: number }
  | { kind: 'no-need' }
  | { kind: 'refused'; why: string }

const TIMEOUT_MS = 20_000
const MAX_HEAD_BYTES = 16_384
const DATE_ERRORS = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'])
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
const LONGEST_CHAIN = 10

/** `roots`: PEM. Never throws. */
export function askDate(
  url: string,
  roots: readonly string[] = getCACertificates('default'),
): Promise<DateAnswer> {
  const { hostname: written, port, host } = new URL(url)
  const hostname = written.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port || 443),
      ...(isIP(hostname) === 0 && { servername: hostname }),
      ca: [...roots],
      // Judged below, before anything is believed.
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    })
    const end = (answer: DateAnswer) => {
      socket.destroy()
      resolve(answer)
    }
    let head = ''
    let chain: X509Certificate[] = []
    socket.once('secureConnect', () => {
      const error = String(socket.authorizationError ?? '')
      if (socket.authorized) return end({ kind: 'no-need' })
      chain = chainOf(socket)
      const why = DATE_ERRORS.has(error) ? mistakeOf(chain, hostname, roots) : error
      if (why) return end({ kind: 'refused', why })
      socket.write(`HEAD / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    })
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1')
      if (head.includes('\r\n\r\n') || head.length > MAX_HEAD_BYTES) end(dateOf(head, chain))
    })
    socket.once('timeout', () => end({ kind: 'refused', why: 'no answer' }))
    socket.once('error', (error) => end({ kind: 'refused', why: error.message }))
    socket.once('close', () => resolve({ kind: 'refused', why: 'closed without an answer' }))
  })
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw && chain.length < LONGEST_CHAIN) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

/** What is wrong with a chain, leaf first, besides its dates: in words, or undefined. */
function mistakeOf(
  chain: readonly X509Certificate[],
  host: string,
  roots: readonly string[],
): string | undefined {
  const [leaf] = chain
  const isFor = isIP(host) === 0 ? leaf?.checkHost(host) : leaf?.checkIP(host)
  if (!leaf || !isFor) return `the certificate is not for ${host}`
  if (leaf.keyUsage && !leaf.keyUsage.includes(SERVER_AUTHENTICATION))
    return 'the certificate is for no server'
  const known = roots.map((pem) => new X509Certificate(pem))
  for (const [index, certificate] of chain.entries()) {
    if (index > 0 && !certificate.ca) return 'a certificate in between may not sign others'
    const isRoot = ({ fingerprint256 }: X509Certificate) => fingerprint256 === certificate.fingerprint256
    if (index > 0 && known.some(isRoot)) return undefined
    if (known.some((root) => isSignedBy(certificate, root))) return undefined
    const issuer = chain[index + 1]
    if (!issuer || !isSignedBy(certificate, issuer)) return 'nobody known has signed the certificate'
  }
  return 'nobody known has signed the certificate'
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function dateOf(head: string, chain: readonly X509Certificate[]): DateAnswer {
  const dateMs = Date.parse(/^date: *(.+)$/im.exec(head)?.[1] ?? '')
  const isWithin = ({ validFromDate, validToDate }: X509Certificate) =>
    validFromDate.getTime() <= dateMs && dateMs <= validToDate.getTime()
  // A root is trusted for what it is.
  const judged = chain.filter((one, index) => index === 0 || !one.checkIssued(one))
  if (Number.isFinite(dateMs) && judged.every(isWithin)) return { kind: 'date', dateMs }
  return { kind: 'refused', why: 'the date is none, or outside of the certificates' }
}
