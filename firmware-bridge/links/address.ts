import { readFileSync } from 'node:fs'
import type { UrlLink } from '#domain/link-config.ts'

/** Where a camera is and who logs in, from the link's address or from its own fields and password file. */
export type Address = {
  /** Without name and password. */
  url: URL
  user?: string
  password?: string
  /** With name and password, for a program that wants them there. */
  withLogIn(): string
  /** A text without the password, wherever it turns up: for logs and the health page. */
  hide(text: string): string
}

/** Throws where the password file cannot be read, with the reason in plain words. */
export function readAddress({ url: text, user: named, passwordFile }: Omit<UrlLink, 'type'>): Address {
  const url = new URL(text)
  const user = named ?? (url.username === '' ? undefined : decodeURIComponent(url.username))
  const password = passwordFile === undefined ? decodeURIComponent(url.password) : readPassword(passwordFile)
  url.username = ''
  url.password = ''
  return {
    url,
    ...(user !== undefined && { user, password }),
    withLogIn() {
      if (user === undefined) return url.href
      const logIn = `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
      return url.href.replace('//', `//${logIn}`)
    },
    hide(said) {
      const bare = hideLogIns(said)
      return password === ''
        ? bare
        : bare.replaceAll(encodeURIComponent(password), '***').replaceAll(password, '***')
    },
  }
}

/** An address without name and password, also in the middle of a text. */
export function hideLogIns(text: string): string {
  return text.replace(/(\/\/)[^/@\s]*@/g, '$1***@')
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new Error(
      `the password cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
