/** What messages carry besides their text. Plain data. */

/**
 * What a message carries besides its text. What it does not have is missing, and a message has at least one or no details at all. Each
 * member has one entry in `core/details/` and one in each contract's table; the compiler names those that are missing.
 */
export interface MessageDetails {
  /** What clients say about the message to each other: a JSON object, as text. */
  readonly metadata?: JsonText
}

/** A JSON object as text. Clients see the object. */
export type JsonText = string & { readonly __json: true }

/** Changes of a message's details: those to replace, and null for those to remove. What is left out stays. */
export type DetailsChange = {
  readonly [Name in keyof MessageDetails]?: MessageDetails[Name] | null
}
