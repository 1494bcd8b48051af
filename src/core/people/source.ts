/** Where a sign-in or a registration comes from. */
export interface Source {
  /** The client's address or network, as limits count it. */
  readonly address: string
  /** The secret that an earlier sign-in left with the client's browser; null for none. */
  readonly device: string | null
  /** Whether a page of another site may have sent the request, without the wish of the browser's user. */
  readonly foreign: boolean
  /** Milliseconds until the address may make requests again; until then only known clients sign in. 0 if it may now. */
  readonly waitMs: number
}
