import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seriesContract } from '../test/series-contract.ts'
import { openEmbedded } from './open-embedded.ts'

seriesContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flockwise-series-'))
  const stores = openEmbedded(join(folder, 'cloud.sqlite'))
  return {
    stores,
    close: async () => {
      stores.close()
      rmSync(folder, { recursive: true })
    },
  }
})
