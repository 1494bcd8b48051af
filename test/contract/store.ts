import { housekeepingContract } from './housekeeping.ts'
import { messageLogContract } from './message-log.ts'
import { roomRegisterContract } from './room-register.ts'
import { tokenRegisterContract } from './token-register.ts'
import { userRegisterContract } from './user-register.ts'
import type { MakeStores } from './world.ts'

/** Everything that is promised of a store. */
export function storeContract(make: MakeStores): void {
  messageLogContract(make)
  roomRegisterContract(make)
  userRegisterContract(make)
  tokenRegisterContract(make)
  housekeepingContract(make)
}
