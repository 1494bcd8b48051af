/* The contracts that a load can speak, by name. */
import type { RestContract, SocketContract } from './contract.ts'
import {
  chatServiceRest,
  chatServiceSocket,
  directChatsRest,
  directChatsSocket,
  groupsRest,
  groupsSocket,
  liveChatRest,
  liveChatSocket,
} from './room-socket.ts'
import { v1Rest, v1Socket } from './v1.ts'
import { v2Rest, v2Socket } from './v2.ts'

export const contractNames = ['chat-service', 'live-chat', 'direct-chats', 'groups', 'v1', 'v2'] as const

export type ContractName = (typeof contractNames)[number]

export const sockets: Readonly<Record<ContractName, SocketContract>> = {
  'chat-service': chatServiceSocket,
  'live-chat': liveChatSocket,
  'direct-chats': directChatsSocket,
  groups: groupsSocket,
  v1: v1Socket,
  v2: v2Socket,
}

export const requests: Readonly<Record<ContractName, RestContract>> = {
  'chat-service': chatServiceRest,
  'live-chat': liveChatRest,
  'direct-chats': directChatsRest,
  groups: groupsRest,
  v1: v1Rest,
  v2: v2Rest,
}

export type { Event, Member, RestContract, Room, SocketContract, User } from './contract.ts'
