import { attachmentRegisterContract } from './attachment-register.ts'
import { batchedLookUpsContract } from './batched-look-ups.ts'
import { epochLedgerContract } from './epoch-ledger.ts'
import { guestsContract } from './guests.ts'
import { housekeepingContract } from './housekeeping.ts'
import { knownClientsContract } from './known-clients.ts'
import { membershipLogContract } from './membership-log.ts'
import { mentionFinderContract } from './mention-finder.ts'
import { messageLogContract } from './message-log.ts'
import { moderationContract } from './moderation.ts'
import { pinLogContract } from './pin-log.ts'
import { privateLogContract } from './private-log.ts'
import { reactionLogContract } from './reaction-log.ts'
import { roomReaderContract } from './room-reader.ts'
import { roomRegisterContract } from './room-register.ts'
import { searchIndexContract } from './search-index.ts'
import { smallRoomsContract } from './small-rooms.ts'
import { threadLogContract } from './thread-log.ts'
import { tokenListContract } from './token-list.ts'
import { tokenRegisterContract } from './token-register.ts'
import { userProfileContract } from './user-profile.ts'
import { userRegisterContract } from './user-register.ts'
import type { MakeStores } from './world.ts'

/** Everything that is promised of a store. */
export function storeContract(make: MakeStores): void {
  messageLogContract(make)
  roomRegisterContract(make)
  roomReaderContract(make)
  membershipLogContract(make)
  privateLogContract(make)
  reactionLogContract(make)
  pinLogContract(make)
  searchIndexContract(make)
  attachmentRegisterContract(make)
  mentionFinderContract(make)
  moderationContract(make)
  smallRoomsContract(make)
  userRegisterContract(make)
  userProfileContract(make)
  tokenRegisterContract(make)
  tokenListContract(make)
  knownClientsContract(make)
  guestsContract(make)
  batchedLookUpsContract(make)
  epochLedgerContract(make)
  housekeepingContract(make)
  // Last: it repeats keys, after which a store appends draft by draft for a while.
  threadLogContract(make)
}
