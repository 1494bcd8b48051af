import { describe } from 'bun:test'
import { descriptionContract } from './room-register/descriptions.ts'
import { directContract } from './room-register/directs.ts'
import { invitationContract } from './room-register/invitations.ts'
import { listContract } from './room-register/lists.ts'
import { memberContract } from './room-register/members.ts'
import { roomNameContract } from './room-register/names.ts'
import { ownershipContract } from './room-register/ownership.ts'
import { roomContract } from './room-register/rooms.ts'
import type { MakeStores } from './world.ts'

/** What `RoomRegister` promises. */
export function roomRegisterContract(make: MakeStores): void {
  describe('a room register', () => {
    roomContract(make)
    roomNameContract(make)
    directContract(make)
    memberContract(make)
    ownershipContract(make)
    invitationContract(make)
    descriptionContract(make)
    listContract(make)
  })
}
