import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** SQLITE_CORRUPT and SQLITE_NOTADB: https://www.sqlite.org/rescode.html */
const damageCodes: readonly number[] = [11, 26]
/** SQLITE_READONLY, IOERR, FULL and CANTOPEN: a disk that is full, or that the system no longer lets be written. */
const roomCodes: readonly number[] = [8, 10, 13, 14]
const roomErrors: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

/** True for an error that says the file itself is damaged, not the disk full or the like. */
export function isDamage(error: unknown): boolean {
  return damageCodes.includes(sqliteCode(error))
}

/** True for an error of a disk that takes no writes. */
export function isNoRoom(error: unknown): boolean {
  if (roomCodes.includes(sqliteCode(error))) return true
  return error instanceof Error && 'code' in error && roomErrors.includes(String(error.code))
}

function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

const HEADER_BYTES = 100

/**
 * True where the file is shorter than its header says: it was cut, or its last pages are still in the log.
 * Page size at 16, pages at 28, big-endian: https://www.sqlite.org/fileformat.html#the_database_header
 */
export function isShort(path: string): boolean {
  const { size } = statSync(path)
  if (size === 0) return false
  const header = Buffer.alloc(HEADER_BYTES)
  const handle = openSync(path, 'r')
  try {
    readSync(handle, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(handle)
  }
  const pageBytes = header.readUInt16BE(16)
  // 65,536 does not fit and is written as 1.
  return size < header.readUInt32BE(28) * (pageBytes === 1 ? 65_536 : pageBytes)
}
