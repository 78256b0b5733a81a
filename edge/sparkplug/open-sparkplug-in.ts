import { SPARKPLUG } from '#domain/sparkplug/topic.ts'
import type { SparkplugIn, SparkplugInDeps } from './sparkplug-in.ts'

/** Its codec takes 8 MB, so it is loaded where a device speaks it; undefined where none does. */
export async function openSparkplugIn(deps: SparkplugInDeps): Promise<SparkplugIn | undefined> {
  if (!deps.mqttDevices.some(({ dialect }) => dialect === SPARKPLUG)) return undefined
  const { createSparkplugIn } = await import('./sparkplug-in.ts')
  return createSparkplugIn(deps)
}
