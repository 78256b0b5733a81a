import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { finishBuild } from './build/finish-build.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  // Addresses are relative: the same build is served by the cloud and, one day, by the edge under another path.
  base: './',
  resolve: {
    alias: [
      // The page takes types from the schemas and validates nothing: the server does. See no-schemas.ts.
      { find: /^typebox$/, replacement: here('build/no-schemas.ts') },
    ],
  },
  build: {
    target: ['chrome93', 'safari15.4'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        page: here('index.html'),
        early: here('early.ts'),
        'service-worker': here('service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' || name === 'early' ? `${name}.js` : 'assets/[name]-[hash].js',
      },
    },
  },
  plugins: [finishBuild()],
})
