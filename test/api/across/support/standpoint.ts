import type { Person, Room, ServerUrls } from './people.ts'

/** Who speaks, listens or reads, and where. */
export interface Standpoint {
  readonly server: ServerUrls
  readonly room: Room
  readonly person: Person
}
