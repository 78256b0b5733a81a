/** Never wider than so many pixels, the height to match and even, as JPEG wants it. */
export const scaleTo = (maxWidth: number): string => `scale='min(${maxWidth},iw)':-2,format=yuvj420p`
export const AS_JPEG = ['-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', '-flush_packets', '1'] as const
