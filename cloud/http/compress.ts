import { constants } from 'node:zlib'
import fastifyCompress from '@fastify/compress'
import type { App } from './app.ts'

/** Below this the headers weigh more than what is saved. */
const THRESHOLD_BYTES = 600

/**
 * Packs JSON answers: a farm's overview is 9 kB, and 2G lines are paid by the byte. The live stream is not
 * packed, as it must leave at once; the page's files were packed when it was built.
 */
export async function compressAnswers(app: App): Promise<void> {
  await app.register(fastifyCompress, {
    threshold: THRESHOLD_BYTES,
    encodings: ['br', 'gzip'],
    customTypes: /^application\/(problem\+)?json/,
    // The default, 11, takes longer than the line saves.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
    // Nobody sends packed bodies but edges, and theirs are unpacked with bounds of their own.
    globalDecompression: false,
  })
}
