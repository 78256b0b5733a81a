/** Lets work in by its weight: so much at once, so much in a queue, and the rest is sent away. */
export type Gate = {
  /** Undefined when the queue is full. A work that is heavier than all that may go on at once goes on alone. */
  pass<T>(weight: number, work: () => Promise<T>): Promise<T> | undefined
}

export function createGate({ atOnce, queued }: { atOnce: number; queued: number }): Gate {
  const queue: { weight: number; start(): void }[] = []
  let inside = 0
  let waiting = 0

  const admit = () => {
    for (let next = queue[0]; next; next = queue[0]) {
      if (inside > 0 && inside + next.weight > atOnce) return
      queue.shift()
      waiting -= next.weight
      inside += next.weight
      next.start()
    }
  }

  return {
    pass(weight, work) {
      if (waiting + weight > queued && queue.length > 0) return undefined
      return new Promise((resolve, reject) => {
        const start = () => {
          void work()
            .then(resolve, reject)
            .finally(() => {
              inside -= weight
              admit()
            })
        }
        queue.push({ weight, start })
        waiting += weight
        admit()
      })
    },
  }
}
