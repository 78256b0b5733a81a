import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'

/** A real MQTT client on 127.0.0.1 that does not reconnect. */
export function connectTo(port: number, options: IClientOptions): Promise<MqttClient> {
  return connectAsync(`mqtt://127.0.0.1:${port}`, {
    reconnectPeriod: 0,
    connectTimeout: 3_000,
    protocolVersion: 4,
    ...options,
  })
}

/** Asks until `check` gives something, at most `withinMs`. */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 5_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await check()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${check}`)
    await pause(10)
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
