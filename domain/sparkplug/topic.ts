/**
 * Where a Sparkplug B message goes, and whose it is (specification 3.0, §4 and §5):
 *
 * ```
 * spBv1.0/<group>/NBIRTH|NDATA|NDEATH|NCMD/<edge node>
 * spBv1.0/<group>/DBIRTH|DDATA|DDEATH|DCMD/<edge node>/<device>
 * spBv1.0/STATE/<host>
 * ```
 *
 * In farm.yaml a device is written without the message type: `spBv1.0/<group>/<edge node>[/<device>]`.
 */
export const SPARKPLUG = 'sparkplug-b'
const ROOT = 'spBv1.0'

export const nodeMessages = ['NBIRTH', 'NDATA', 'NDEATH', 'NCMD'] as const
export const deviceMessages = ['DBIRTH', 'DDATA', 'DDEATH', 'DCMD'] as const
export type SparkplugType = (typeof nodeMessages)[number] | (typeof deviceMessages)[number]

/** A node, or with `device` one of its devices; without it the node itself. */
export type SparkplugAddress = { group: string; node: string; device?: string }
export type SparkplugTopic = SparkplugAddress & { type: SparkplugType }

const isNodeMessage = (type: string) => nodeMessages.some((known) => known === type)
const isDeviceMessage = (type: string) => deviceMessages.some((known) => known === type)

/** Undefined for what is no topic of a node or device. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | undefined {
  const [root, group, type, node, device, ...rest] = topic.split('/')
  if (root !== ROOT || !group || !type || !node || rest.length > 0) return undefined
  if (isNodeMessage(type))
    return device === undefined ? { group, type: type as SparkplugType, node } : undefined
  return device && isDeviceMessage(type) ? { group, type: type as SparkplugType, node, device } : undefined
}

export function sparkplugTopic({ group, type, node, device }: SparkplugTopic): string {
  return [ROOT, group, type, node, ...(device === undefined ? [] : [device])].join('/')
}

export const stateTopic = (host: string): string => `${ROOT}/STATE/${host}`

/** Parts of the names that stand in topics; `+`, `#` and `/` would be something else there (§4.1). */
const isPart = (part: string) => part !== '' && !/[+#]/.test(part)

/** What farm.yaml names: undefined where it is not `spBv1.0/<group>/<edge node>[/<device>]`. */
export function parseSparkplugAddress(text: string): SparkplugAddress | undefined {
  const [root, group, node, device, ...rest] = text.split('/')
  if (root !== ROOT || !group || !node || device === '' || rest.length > 0) return undefined
  if (![group, node, device ?? 'x'].every(isPart) || group === 'STATE') return undefined
  return { group, node, ...(device !== undefined && { device }) }
}

export const nodeKey = ({ group, node }: SparkplugAddress): string => `${group}/${node}`
