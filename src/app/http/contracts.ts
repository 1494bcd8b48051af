import { accounts } from '../../api/accounts/index.ts'
import { chatService } from '../../api/chat-service/index.ts'
import { directChats } from '../../api/direct-chats/index.ts'
import { groups } from '../../api/groups/index.ts'
import { liveChat } from '../../api/live-chat/index.ts'
import { roomSocket } from '../../api/room-socket/index.ts'
import { v1 } from '../../api/v1/index.ts'
import { v2 } from '../../api/v2/index.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../core/index.ts'
import type { Contract, Server } from '../../server/index.ts'

/** Returns the contracts to serve, in the order in which the documentation shows them. To add a contract, add a line. */
export function createContracts(server: Server, config: Config, clock: Clock): Contract[] {
  return [
    v2(server, {
      clock,
      ...config.socket,
      ...config.limits,
      maxFrameBytes: config.limits.maxBodyBytes,
    }),
    accounts(server, config.auth),
    chatService(server),
    liveChat(server, config.rooms),
    directChats(server),
    groups(server),
    roomSocket(server, config.rooms),
    v1(server, config.v1),
  ]
}
