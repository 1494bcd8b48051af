import { isShort, normalized } from '../text/folding.ts'

/** The most UTF-8 bytes of a name, which every file system can hold. */
const MOST_BYTES = 255

/**
 * Returns the name under which a file is shown and saved. Nothing in it can lead out of a folder, end a header, hide how it ends, or be
 * invisible.
 * @param given what the client calls it, with or without a path
 */
export function fileNameOf(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? ''
  const whole = isShort(last, MOST_BYTES) ? normalized(last, 'NFC') : last.slice(-MOST_BYTES)
  // Control and format characters: the direction overrides among them make `gpj.exe` look like `exe.jpg`.
  const plain = whole
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"<>:|?*]+/gu, '')
    .trim()
    .replace(/^\.+/, '')
  const name = shortened(plain)
  return name === '' ? 'file' : name
}

/** Cuts the middle rather than the end, which tells what kind of file it is. */
function shortened(name: string): string {
  if (bytesOf(name) <= MOST_BYTES) return name
  const ending = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? ''
  const characters = [...name.slice(0, name.length - ending.length)]
  while (bytesOf(characters.join('')) + bytesOf(ending) > MOST_BYTES)
    characters.length = Math.floor(characters.length * 0.9)
  return `${characters.join('')}${ending}`
}

/** Without an encoder, which is not part of every engine. */
function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
