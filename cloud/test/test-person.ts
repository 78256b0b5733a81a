/** The answer to a request, with its body read. `code` is a problem's, else empty. */
export type Answer = { status: number; body: unknown; headers: Record<string, unknown>; code: string }

/** Somebody with a log-in. */
export type TestPerson = {
  cookie: string
  get(url: string): Promise<Answer>
  post(url: string, body?: unknown): Promise<Answer>
}
