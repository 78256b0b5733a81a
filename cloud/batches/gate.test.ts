import { expect, it } from 'vitest'
import { createGate } from './gate.ts'

/** Works that end when they are told to, by the order in which they asked. */
function works(gate: ReturnType<typeof createGate>) {
  const begun: number[] = []
  const end = new Map<number, (error?: Error) => void>()
  const ask = (name: number, weight: number) =>
    gate.pass(weight, () => {
      begun.push(name)
      return new Promise<number>((resolve, reject) => {
        end.set(name, (error) => (error ? reject(error) : resolve(name)))
      })
    })
  return { begun, ask, end: (name: number, error?: Error) => end.get(name)?.(error) }
}

it('lets in so much at once, the others in their turn, and what is too heavy alone', async () => {
  const { begun, ask, end } = works(createGate({ atOnce: 10, queued: 100 }))
  const passed = [ask(1, 4), ask(2, 6), ask(3, 50), ask(4, 1)]
  expect(begun).toEqual([1, 2])
  end(1)
  await passed[0]
  await expect.poll(() => begun).toEqual([1, 2])
  end(2, new Error('broken'))
  await expect(passed[1]).rejects.toThrow('broken')
  await expect.poll(() => begun).toEqual([1, 2, 3])
  end(3)
  expect(await passed[2]).toBe(3)
  await expect.poll(() => begun).toEqual([1, 2, 3, 4])
})

it('sends away what finds the queue full, until there is room again', async () => {
  const { begun, ask, end } = works(createGate({ atOnce: 10, queued: 20 }))
  const first = ask(1, 10)
  const second = ask(2, 10)
  ask(3, 10)
  expect(ask(4, 10)).toBeUndefined()
  end(1)
  await first
  await expect.poll(() => begun).toEqual([1, 2])
  expect(ask(5, 10)).toBeDefined()
  end(2)
  await second
  await expect.poll(() => begun).toEqual([1, 2, 3])
})
