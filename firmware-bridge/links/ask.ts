/** What a source is asked for that does not send bytes by itself: a stream through ffmpeg, an address, a folder. */
export type Ask = {
  /** The part of a stream that is wanted; the other is not even fetched. */
  media: 'video' | 'audio'
  /** ffmpeg's options for a device of this machine, before its input: which size, which format. */
  input: readonly string[]
  /** ffmpeg's options after its input, up to where it goes: the bytes that the device's framer reads. */
  output: readonly string[]
  /** From one picture to the next, where pictures are fetched one by one. */
  everyMs: number
  /** A JPEG that is wider is made smaller, where it comes whole. */
  maxWidth?: number
  /** Where an address names no path. */
  path?: string
}

/** A source takes this long to answer at most: a camera's stream begins with its next key frame. */
export const OPEN_WITHIN_MS = 30_000
/** The longest wait before a further try: each one costs a process, and some cameras a session. */
export const LONGEST_WAIT_MS = 60_000
/** Cameras lock a user out after a few wrong passwords. */
export const WRONG_PASSWORD_WAIT_MS = 300_000
