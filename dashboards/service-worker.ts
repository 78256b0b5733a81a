/// <reference lib="webworker" />
/**
 * Keeps the shell of the page on the phone, so that it opens without a net. It never touches /api/: what the
 * page knew last is kept by the page itself, with its time (api/kept-answers.ts), and so can never pass for live.
 */
const worker = self as unknown as ServiceWorkerGlobalScope

/** Both are filled in by the build. */
const SHELL = '%SHELL%' as unknown as readonly string[]
const CACHE = 'flockwise-%VERSION%'

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)))
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(() => worker.clients.claim()))
})

/** The page asks for this when its user has agreed to a reload: files of two builds must not mix. */
worker.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== worker.location.origin || pathname.startsWith('/api/')) return
  event.respondWith(answer(request))
})

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  const isPage = request.url.split(/[?#]/)[0] === worker.registration.scope
  return (await cache.match(isPage ? 'index.html' : request, { ignoreSearch: true })) ?? fetch(request)
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names
      .filter((name) => name.startsWith('flockwise-') && name !== CACHE)
      .map((name) => caches.delete(name)),
  )
}
