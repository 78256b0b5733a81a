import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
  /** Throws while the key cannot be written: nobody may come to know an edge by a key that it may lose. */
  keep(): void
}

/**
 * Opens `identity.json` in `dataDir`, readable by its owner alone, or makes a key, which `keep` writes. A file that
 * cannot be read is set aside.
 */
export function openIdentity(dataDir: string, now: number): Identity {
  const path = join(dataDir, 'identity.json')
  let file = readIdentity(path)
  let isKept = file !== undefined
  if (!file) {
    if (existsSync(path)) renameSync(path, `${path}.damaged-${now}`)
    const { privateKey } = generateKeyPairSync('ed25519')
    file = { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
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
    keep() {
      if (!isKept) writeIdentity(path, current)
      isKept = true
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
  synced(openSync(`${path}.new`, 'w', 0o600), (handle) => {
    writeSync(handle, `${JSON.stringify(file, undefined, 2)}\n`)
  })
  renameSync(`${path}.new`, path)
  // The new name is an entry of the folder, and stands once that is on disk.
  synced(openSync(dirname(path), 'r'))
}

function synced(handle: number, write?: (handle: number) => void): void {
  try {
    write?.(handle)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
