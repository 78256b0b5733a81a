import { MAX_JPEG_BYTES } from '#domain/picture.ts'
import { jpegSize } from '../framers/jpeg.ts'
import type { Ask } from './ask.ts'
import { shrinkJpeg } from './ffmpeg.ts'

/** A picture that came whole, not wider and not larger than it may be. What is no JPEG stays as it is. */
export async function fitJpeg(
  bytes: Uint8Array,
  { maxWidth }: Ask,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const size = maxWidth === undefined ? undefined : jpegSize(bytes)
  if (!size || maxWidth === undefined) return bytes
  return size.width > maxWidth || bytes.length > MAX_JPEG_BYTES ? shrinkJpeg(bytes, maxWidth, signal) : bytes
}
