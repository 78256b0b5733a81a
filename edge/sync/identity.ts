import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const File = Type.Object({
  /** PKCS #8, PEM. */
  privateKey: Type.String(),
  edge: Type.Optional(Type.String({ minLength: 1 })),
  farm: Type.Optional(Type.String()),
})
type File = Static<typeof File>

/**
 * Who this edge is: an Ed25519 key that never leaves the machine, and the name the cloud gave it. It stands in
 * a file of its own, so that it outlives a damaged database.
 */
export type Identity = {
  privateKey: KeyObject
  /** Raw public key, base64url. */
  publicKey: string
  /** Its id at the cloud, once enrolled. */
  edge(): string | undefined
  enrolled(edge: string, farm: string): void
}

/** Opens `identity.json` in `dataDir`, or makes it, readable by its owner alone. One that cannot be read is set aside. */
export function openIdentity(dataDir: string, now: number): Identity {
  const path = join(dataDir, 'identity.json')
  let file = readIdentity(path)
  if (!file) {
    if (existsSync(path)) renameSync(path, `${path}.damaged-${now}`)
    const { privateKey } = generateKeyPairSync('ed25519')
    file = { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
    writeIdentity(path, file)
  }
  const privateKey = createPrivateKey(file.privateKey)
  let current: File = file
  return {
    privateKey,
    publicKey: createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '',
    edge: () => current.edge,
    enrolled(edge, farm) {
      current = { ...current, edge, farm }
      writeIdentity(path, current)
    },
  }
}

function readIdentity(path: string): File | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!Value.Check(File, file)) return undefined
    createPrivateKey(file.privateKey)
    return file
  } catch {
    return undefined
  }
}

/** Whole or not at all, also through a power cut. */
function writeIdentity(path: string, file: File): void {
  const handle = openSync(`${path}.new`, 'w', 0o600)
  writeSync(handle, `${JSON.stringify(file, undefined, 2)}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(`${path}.new`, path)
}
