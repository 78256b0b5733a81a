import type { LinkDefinition } from '#domain/config.ts'
import { isId } from '#domain/reading.ts'
import type { Probed } from './probe.ts'
import { linksFor } from './report.ts'

export type Naming = { houses: readonly string[]; taken: readonly string[] }

/** Asks one question; an empty answer takes what stands in brackets. */
export type Ask = (question: string) => Promise<string>

/**
 * Three questions for each device that was found: which model, where several read the same bytes; which house;
 * which name. What cannot be is asked again.
 */
export async function askAbout(
  found: readonly Probed[],
  naming: Naming,
  ask: Ask,
): Promise<LinkDefinition[]> {
  const [firstHouse = 'h1'] = naming.houses
  const taken = [...naming.taken]
  const links: LinkDefinition[] = []
  for (const link of linksFor(found, firstHouse, taken)) {
    const probed = found.find(({ via }) => via === link.via)
    const devices: LinkDefinition['devices'] = []
    for (const device of link.devices) {
      const models = modelsFor(probed, device.unit)
      const model =
        models.length > 1
          ? await choose(ask, `${device.id}: which model, ${models.join(' or ')}?`, device.model, models)
          : device.model
      const house = await choose(ask, `${model}: which house?`, firstHouse, naming.houses)
      const usual = freeName(`${house}-${model}`, taken)
      const id = await name(ask, `${model}: which name?`, usual, taken)
      taken.push(id)
      devices.push({ ...device, id, house, model })
    }
    taken.push(link.id)
    links.push({ ...link, devices })
  }
  return links
}

function modelsFor(probed: Probed | undefined, unit: number | undefined): string[] {
  if (probed?.kind === 'stream') return probed.matches.map(({ model }) => model)
  if (probed?.kind !== 'bus') return []
  const found = probed.units.find((candidate) => candidate.unit === unit)
  return (found?.matches ?? []).map(({ model }) => model)
}

async function choose(
  ask: Ask,
  question: string,
  usual: string,
  choices: readonly string[],
): Promise<string> {
  if (choices.length === 1) return choices[0] ?? usual
  for (;;) {
    const answer = (await ask(`${question} [${usual}] `)).trim() || usual
    if (choices.length === 0 || choices.includes(answer)) return answer
  }
}

async function name(ask: Ask, question: string, usual: string, taken: readonly string[]): Promise<string> {
  for (;;) {
    const answer = (await ask(`${question} [${usual}] `)).trim() || usual
    if (isId(answer) && !taken.includes(answer)) return answer
  }
}

function freeName(wanted: string, taken: readonly string[]): string {
  let free = wanted
  for (let number = 2; taken.includes(free); number++) free = `${wanted}-${number}`
  return free
}
