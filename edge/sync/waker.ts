/** A sleep that somebody else can end. */
export type Waker = {
  /** Resolves after `ms`, at the next `wake`, or when closed. */
  sleep(ms: number): Promise<void>
  wake(): void
}

export function createWaker(closed: AbortSignal): Waker {
  let end: (() => void) | undefined
  const wake = () => end?.()
  closed.addEventListener('abort', wake)
  return {
    sleep: (ms) =>
      new Promise((resolve) => {
        if (closed.aborted) return resolve()
        const finish = () => {
          clearTimeout(timer)
          end = undefined
          resolve()
        }
        const timer = setTimeout(finish, ms)
        end = finish
      }),
    wake,
  }
}
