import { DAY, localDay } from '#domain/time.ts'
import { type FarmClient, newId } from './farm-client.ts'

/** The farm of the demo: two houses, three and a half weeks into their flocks. */
export const FARM = 'sunrise'
export const TIME_ZONE = 'Asia/Shanghai'
const AGE_DAYS = 24
export const HOUSES = [
  { id: 'h1', name: '一号鸡舍 House 1', breed: 'ross-308-2022', birds: 20_000, floorM2: 1300 },
  { id: 'h2', name: '二号鸡舍 House 2', breed: 'cobb-500-2022', birds: 16_000, floorM2: 1100 },
]

export const placedOn = (now: number): string => localDay(now - AGE_DAYS * DAY, TIME_ZONE)

/** Makes the farm, its houses and its flocks, with the books that three weeks leave behind. */
export async function setUpSunriseFarm(client: FarmClient, now: number): Promise<void> {
  await client.addFarm({ id: FARM, name: '日出农场 Sunrise Farm', timeZone: TIME_ZONE })
  for (const house of HOUSES) {
    const { id, name, floorM2 } = house
    await client.addHouse(FARM, { id, name, timeZone: TIME_ZONE, floorM2 })
    await fillBooks(client, house, now)
  }
}

async function fillBooks(client: FarmClient, house: (typeof HOUSES)[number], now: number): Promise<void> {
  const flock = newId()
  await client.addFlock(FARM, {
    id: flock,
    house: house.id,
    breed: house.breed,
    sex: 'as-hatched',
    placedOn: placedOn(now),
    placed: house.birds,
  })
  for (let age = 1; age <= AGE_DAYS; age++) {
    const at = now - (AGE_DAYS - age) * DAY
    const common = { day: localDay(at, TIME_ZONE), at }
    // 1 % in the first week, 0.06 % a day after it: what a good flock loses.
    const share = (age <= 7 ? 0.0014 : 0.0006) * (0.8 + ((age * 37) % 10) / 25)
    const birds = Math.max(1, Math.round(house.birds * share))
    await client.addEntry(FARM, flock, { ...common, id: newId(), kind: 'died', birds, cause: 'unknown' })
    if (age % 5 === 1) {
      const kg = Math.round(house.birds * 0.02 * (age + 4))
      await client.addEntry(FARM, flock, { ...common, id: newId(), kind: 'feed', kg })
    }
  }
}
