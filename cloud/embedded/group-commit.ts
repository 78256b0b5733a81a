import type { Database } from '#sqlite-file/database.ts'

/** Runs `work` in a transaction that others may share; resolves when it is durable. */
export type Commit = <T>(work: () => T) => Promise<T>

type Job = { work: () => unknown; resolve(value: unknown): void; reject(error: unknown): void }

/**
 * One disk sync for all batches that came in the same turn of the event loop. When the shared transaction
 * fails, each work is tried in one of its own, so that one that is wrong does not fail its neighbours.
 */
export function createGroupCommit(database: Database): Commit {
  let jobs: Job[] = []

  const flush = () => {
    const group = jobs
    jobs = []
    try {
      const results = database.transaction(() => group.map(({ work }) => work()))
      group.forEach(({ resolve }, index) => {
        resolve(results[index])
      })
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else for (const job of group) alone(job)
    }
  }
  const alone = ({ work, resolve, reject }: Job) => {
    try {
      resolve(database.transaction(work))
    } catch (error) {
      reject(error)
    }
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      if (jobs.length === 0) setImmediate(flush)
      jobs.push({ work, resolve: resolve as (value: unknown) => void, reject })
    })
}
