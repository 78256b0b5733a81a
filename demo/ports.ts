import { type AddressInfo, createServer } from 'node:net'

/** Waits until the address answers with success. */
export async function reachable(url: string): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    if (Date.now() > deadline) throw new Error(`${url} did not answer within 30 s`)
    await pause(100)
  }
}

/** The port asked for, or a free one when it is taken. */
export async function freePort(port: number, host = '127.0.0.1'): Promise<number> {
  const listen = (candidate: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(candidate, host, () => {
        const { port: found } = server.address() as AddressInfo
        server.close(() => resolve(found))
      })
    })
  return listen(port).catch(() => listen(0))
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
