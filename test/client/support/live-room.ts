import type { Client, RoomView } from '../../../src/client/index.ts'
import { until } from '../../support/until.ts'
import type { Rig } from './rig.ts'
import { ROOM, type RoomModel } from './room-model.ts'
import type { Peer } from './scripted-server.ts'

export interface LiveRoom {
  readonly client: Client
  readonly room: RoomView
  /** The server's side of the client's connection. */
  readonly peer: Peer
}

/** Connects a client whose view of the model's room is live. */
export async function openLive(rig: Rig, model: RoomModel, limit = 50): Promise<LiveRoom> {
  const client = rig.connect()
  const room = client.room(ROOM)
  const opened = room.open({ limit })
  const peer = await rig.server.nextIdentified()
  peer.answer(await peer.take('subscribe'), model.snapshot(limit))
  peer.send({ type: 'live', room: ROOM, seq: model.head })
  peer.send(model.state())
  await opened
  await until(() => room.getSnapshot().onlineCount > 0, 'the state of the room')
  return { client, room, peer }
}
