/** Where somebody who signs in, or makes an account, comes from. */
export interface Source {
  /** The client's address or network, as limits count it. */
  readonly address: string
  /** The secret that an earlier sign-in has left with the client's browser; null for none. */
  readonly device: string | null
  /** Whether a page of another site may have sent it, so that it says nothing of whoever sits before the browser. */
  readonly foreign: boolean
}
