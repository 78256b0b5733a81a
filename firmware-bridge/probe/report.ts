import type { LinkConfig, LinkDefinition } from '#domain/config.ts'
import { hideLogIns } from '../links/address.ts'
import type { StreamsThere } from '../links/ffprobe.ts'
import type { Probed } from './probe.ts'

/** What was found, for a console: the best guess first, what else fits below it. */
export function describe(name: string, probed: Probed): string {
  const lines = [
    `${hideLogIns(name)}${probed.via.type === 'serial' && isFound(probed) ? `, ${probed.via.baudRate} baud` : ''}`,
  ]
  if (probed.kind === 'stream') {
    for (const [index, { model, says, isUsual }] of probed.matches.entries())
      lines.push(`  ${index === 0 ? '' : 'or '}${model}: ${says}${isUsual ? '' : '  (unusual)'}`)
  } else if (probed.kind === 'bus') {
    for (const { unit, matches, note } of probed.units) {
      const [best] = matches
      lines.push(
        `  unit ${unit}: ${best ? best.model : 'answers, and fits no model: write a profile for it'}`,
      )
      for (const { name: field, value, isUsual } of best?.values ?? [])
        lines.push(`    ${field} ${value ?? 'fault'}${isUsual ? '' : '  (unusual)'}`)
      if (note !== undefined) lines.push(`    ${note}`)
    }
  } else if (probed.kind === 'camera') {
    lines.push(...describeCamera(probed.there))
  } else {
    lines.push(`  ${probed.reason}`)
  }
  return lines.join('\n')
}

function describeCamera({ as, picture, sound }: StreamsThere): string[] {
  const rate = picture?.perSecond === undefined ? '' : `, ${Math.round(picture.perSecond * 10) / 10} a second`
  return [
    ...(picture ? [`  ${as}: picture ${picture.width} × ${picture.height}, ${picture.codec}${rate}`] : []),
    ...(sound
      ? [`  ${as}: sound, ${sound.codec}, ${sound.rate} samples a second: model microphone reads it`]
      : []),
    ...(picture || sound ? [] : ['  answers, and gives neither picture nor sound']),
  ]
}

const isFound = ({ kind }: Probed): boolean => kind === 'stream' || kind === 'bus'

/** The links that a configuration needs for what was found; ids that are taken are not used again. */
export function linksFor(
  found: readonly Probed[],
  house: string,
  taken: readonly string[],
): LinkDefinition[] {
  const used = new Set(taken)
  const idFor = (wanted: string): string => {
    let id = wanted
    for (let number = 2; used.has(id); number++) id = `${wanted}-${number}`
    used.add(id)
    return id
  }
  return found.flatMap((probed): LinkDefinition[] => {
    const devices =
      probed.kind === 'stream'
        ? probed.matches.slice(0, 1).map(({ model }) => ({ id: idFor(`${house}-${model}`), house, model }))
        : probed.kind === 'bus'
          ? probed.units.flatMap(({ unit, matches: [best] }) =>
              best ? [{ id: idFor(`${house}-${best.model}`), house, model: best.model, unit }] : [],
            )
          : []
    if (probed.kind === 'camera' && probed.there.picture) {
      const id = idFor(`${house}-camera`)
      const via = probed.needsPassword ? { ...probed.via, passwordFile: `${id}.password` } : probed.via
      return [{ id: idFor(`${house}-camera-line`), via, devices: [{ id, house, model: 'camera' }] }]
    }
    if (devices.length === 0) return []
    return [{ id: idFor(`${house}-${probed.kind === 'bus' ? 'bus' : 'line'}`), via: probed.via, devices }]
  })
}

/** `tcp:host:port`, `modbus-tcp:host:port`, a camera's address, or a path. */
export function parsePort(text: string): LinkConfig | undefined {
  if (/^(rtsps?|https?):\/\/./.test(text) && URL.canParse(text))
    return { type: text.startsWith('rtsp') ? 'rtsp' : 'mjpeg', url: text }
  const network = /^(tcp|modbus-tcp):([^:]+):(\d{1,5})$/.exec(text)
  if (!network)
    return text.startsWith('/') || /^COM\d+$/.test(text)
      ? { type: 'serial', path: text, baudRate: 9600 }
      : undefined
  const [, type, host = '', port] = network
  return { type: type === 'tcp' ? 'tcp' : 'modbus-tcp', host, port: Number(port) }
}
