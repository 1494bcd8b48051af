/** An account, and a token that counts in every contract. */
export interface Person {
  readonly id: number
  readonly username: string
  readonly token: string
}
