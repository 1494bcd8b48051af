/** A name as it is stored, or why there is none. */
export type Named = { readonly name: string } | { readonly problem: string }
