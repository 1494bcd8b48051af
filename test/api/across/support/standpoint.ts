import type { Person, Place, Room } from './people.ts'

/** Who speaks, listens or reads, and where. */
export interface Standpoint {
  readonly place: Place
  readonly room: Room
  readonly person: Person
}
