/** Kinds that a browser shows without running anything of them. SVG, HTML and PDF are not among them. */
const inline =
  /^(?:image\/(?:apng|avif|bmp|gif|jpeg|png|webp)|video\/(?:mp4|ogg|quicktime|webm)|audio\/(?:aac|flac|mp4|mpeg|ogg|opus|wav|webm|x-m4a))$/

/** Returns whether a browser may show a file of the type in a page, rather than save it. */
export function isInline(type: string): boolean {
  return inline.test(type)
}

/** Returns whether a type is one of those listed; `image/*` stands for all that begin so. An empty list has all. */
export function isAllowedType(type: string, allowed: readonly string[]): boolean {
  return (
    allowed.length === 0 ||
    allowed.some((each) => each === type || (each.endsWith('/*') && type.startsWith(each.slice(0, -1))))
  )
}
