import type { Asked, User } from './contract.ts'

export function getting(path: string, { token }: User): Asked {
  return { method: 'GET', path, headers: { authorization: `Token ${token}` }, body: null }
}

export function posting(
  path: string,
  { token }: User,
  json: object,
  headers: Record<string, string> = {},
): Asked {
  return {
    method: 'POST',
    path,
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(json),
  }
}
