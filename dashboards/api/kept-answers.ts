/** An answer of the API as it was, and when (UTC ms, by the server's clock). It is never shown without its time. */
export type Kept<T> = { at: number; body: T }

/** What the page knew last, kept on the phone for times without a net. */
export type KeptAnswers = {
  get<T>(path: string): Promise<Kept<T> | undefined>
  put<T>(path: string, kept: Kept<T>): Promise<void>
  clear(): Promise<void>
}

const STORE = 'answers'

/**
 * In IndexedDB, which needs no secure context. Where it is missing or broken (private windows, a full phone)
 * the page works on without a memory.
 */
export function openKeptAnswers(factory: IDBFactory | undefined): KeptAnswers {
  const opened = factory ? open(factory).catch(() => undefined) : Promise.resolve(undefined)
  async function use<T>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T | undefined> {
    const database = await opened
    if (!database) return undefined
    try {
      return (await settle(act(database.transaction(STORE, mode).objectStore(STORE)))) as T | undefined
    } catch {
      return undefined
    }
  }
  return {
    get: (path) => use('readonly', (store) => store.get(path)),
    put: (path, kept) => use('readwrite', (store) => store.put(kept, path)),
    clear: () => use('readwrite', (store) => store.clear()),
  }
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open('flockwise', 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return settle(request)
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
