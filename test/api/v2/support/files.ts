import { type LinkedAttachment, LinkedAttachment as Shape } from '../../../../src/api/v2/wire/index.ts'
import type { TestApp } from '../../../support/app.ts'
import { type Answer, ask } from '../../support/rest.ts'
import { bodyOf } from '../rest/support/client.ts'
import type { Person } from './people.ts'

/** Uploads a file to a room, as a form. */
export function upload(
  app: Pick<TestApp, 'url'>,
  who: Pick<Person, 'token'> | null,
  room: number,
  content: string | Uint8Array<ArrayBuffer>,
  name = 'file.bin',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData()
  form.append('file', new Blob([content]), name)
  return ask('POST', `${app.url}/api/v2/rooms/${room}/attachments`, {
    body: form,
    headers,
    ...(who === null ? {} : { token: who.token }),
  })
}

/** The same for an upload that is accepted. */
export async function uploaded(
  app: Pick<TestApp, 'url'>,
  who: Pick<Person, 'token'>,
  room: number,
  content: string | Uint8Array<ArrayBuffer>,
  name?: string,
): Promise<LinkedAttachment> {
  return bodyOf(await upload(app, who, room, content, name), 201, Shape)
}
