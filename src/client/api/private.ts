import type { Draft, Drafted, DraftPage, DraftPut, PrivatePage, Saved, SavedPage, Seq } from '../wire.ts'
import type { Http } from './http.ts'
import type { PageQuery } from './page.ts'

/** What the user keeps privately, for programs that do not follow it. */
export function privateCalls({ call }: Http) {
  const path = (room: number) => `/me/drafts/${room}`
  return {
    /** What the user keeps privately, or has changed after a number of their own. */
    privateState: (query: PageQuery & { after?: Seq } = {}) =>
      call<PrivatePage>('GET', '/me/private', { query }),
    saved: {
      /** What the user may read of what they have saved, the latest saved first. */
      list: (query: PageQuery = {}) => call<SavedPage>('GET', '/me/saved', { query }),
      /** Saves a message for the user alone, or removes it from the saved ones. */
      set: (room: number, seq: Seq, on: boolean) =>
        call<Saved>(on ? 'PUT' : 'DELETE', `/me/saved/${room}/${seq}`),
    },
    drafts: {
      /** The latest first. */
      list: (query: PageQuery = {}) => call<DraftPage>('GET', '/me/drafts', { query }),
      /** Resolves to an empty draft if there is none. */
      get: (room: number) => call<Draft>('GET', path(room)),
      set: (room: number, body: DraftPut) => call<Drafted>('PUT', path(room), { body }),
      /** @param version the `private_seq` of the draft that is meant */
      remove: (room: number, version?: Seq) => call<Drafted>('DELETE', path(room), { query: { version } }),
    },
  }
}
