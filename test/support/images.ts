/** Returns a picture with a gradient, as PNG or in another format. */
export async function picture(width: number, height: number, format: 'png' | 'jpeg' | 'webp' = 'png') {
  const image = new Bun.Image(bitmap(width, height))
  const bytes = await image[format]().bytes()
  return new Uint8Array(bytes)
}

function bitmap(width: number, height: number): Uint8Array<ArrayBuffer> {
  const row = Math.ceil((width * 3) / 4) * 4
  const bytes = new Uint8Array(54 + row * height)
  const view = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  view.setUint32(2, bytes.length, true)
  view.setUint32(10, 54, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, 24, true)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      bytes.set([(x * 255) / width, (y * 255) / height, 128], 54 + y * row + x * 3)
  }
  return bytes
}
