/** One change of a folder, as power-cut.c wrote it down; the layout stands there. */
export type Change =
  | { kind: 'opened'; fd: number; path: string; isMade: boolean; isEmptied: boolean; isFolder: boolean }
  | { kind: 'written'; fd: number; at: number; bytes: Buffer }
  | { kind: 'sized'; fd: number; path: string; size: number }
  | { kind: 'synced'; fd: number }
  | { kind: 'folder'; path: string }
  | { kind: 'renamed' | 'linked'; from: string; to: string }
  | { kind: 'removed'; path: string }

const HEAD_BYTES = 24

/** A last record that was cut off with its process is left out. The bytes are views into `journal`. */
export function* readJournal(journal: Buffer): Generator<Change> {
  for (let at = 0; at + HEAD_BYTES <= journal.length; ) {
    const kind = String.fromCharCode(journal.readUInt8(at))
    const flags = journal.readUInt8(at + 1)
    const namesEnd = at + HEAD_BYTES + journal.readUInt16LE(at + 2)
    const fd = journal.readUInt32LE(at + 4)
    const offset = Number(journal.readBigUInt64LE(at + 8))
    const end = namesEnd + Number(journal.readBigUInt64LE(at + 16))
    if (end > journal.length) return
    const [path = '', to = ''] = journal.toString('utf8', at + HEAD_BYTES, namesEnd).split('\0')
    switch (kind) {
      case 'o': {
        const [isMade, isEmptied, isFolder] = [1, 2, 4].map((bit) => (flags & bit) !== 0)
        yield { kind: 'opened', fd, path, isMade: !!isMade, isEmptied: !!isEmptied, isFolder: !!isFolder }
        break
      }
      case 'w':
        yield { kind: 'written', fd, at: offset, bytes: journal.subarray(namesEnd, end) }
        break
      case 't':
        yield { kind: 'sized', fd, path, size: offset }
        break
      case 's':
        yield { kind: 'synced', fd }
        break
      case 'm':
        yield { kind: 'folder', path }
        break
      case 'r':
      case 'l':
        yield { kind: kind === 'r' ? 'renamed' : 'linked', from: path, to }
        break
      case 'u':
        yield { kind: 'removed', path }
        break
      default:
        throw new Error(`the journal holds a record of an unknown kind "${kind}" at ${at}`)
    }
    at = end
  }
}
