import { type MetricId, metricIds } from '../metrics.ts'

/** Sparkplug has no common names: ours mean themselves, so that one edge can read another; the rest needs a map. */
export const sparkplugNames: Readonly<Record<string, MetricId>> = Object.fromEntries(
  metricIds.map((id) => [id, id]),
)
