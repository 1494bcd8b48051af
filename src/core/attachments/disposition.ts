/**
 * Returns the value of Content-Disposition (RFC 6266): the name in ASCII for old clients, and as it is by RFC 8187.
 * @param name without control characters and quotes, as `fileNameOf` returns it
 */
export function dispositionOf(name: string, inline: boolean): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|[%"\\]/g, '_')
  const exact = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${inline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${exact}`
}
