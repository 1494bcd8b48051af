import type { Batch } from '../batch.ts'
import type { Environment, SocketConstructor, SocketLike } from '../environment.ts'
import { badAnswer, disconnected, ParleyError, refusalOf } from '../errors.ts'
import {
  type ClientFrame,
  type HelloFrame,
  type Identified,
  isIdentified,
  type ServerFrame,
} from '../wire.ts'
import { isFrame, parseFrames } from './incoming.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import { createOutgoing } from './outgoing.ts'
import { createRequests, type Outcome } from './requests.ts'

export interface ConnectionEvents {
  /** The server has identified the user: requests may be sent. */
  identified(identified: Identified, hello: HelloFrame): void
  /** Called for each frame, in order, within `batch` for those that came together. */
  frame(frame: ServerFrame): void
  /** Called last, and once. */
  closed(closing: Closing): void
}

export interface Closing {
  readonly code: number
  readonly reason: string
  /** Whether the server has sent anything. */
  readonly greeted: boolean
  /** Why the server refused to identify the user. */
  readonly refusal: ParleyError | null
}

export interface Connection {
  ask(frame: ClientFrame, answer: (outcome: Outcome) => void): void
  tell(frame: ClientFrame): void
  probe(): void
  close(): void
}

/** One socket, from its opening to its end. Identifies the user with the first frame, and notices when nothing arrives any more. */
export function openConnection(
  given: { url: string; token: string; timeoutMs: number; WebSocket: SocketConstructor; batch: Batch },
  { clock, log }: Environment,
  on: ConnectionEvents,
): Connection {
  const { url, token, timeoutMs, WebSocket, batch } = given
  const requests = createRequests(clock, timeoutMs)
  const socket: SocketLike = new WebSocket(url)
  const outgoing = createOutgoing((text) => socket.send(text))
  let hello: HelloFrame | null = null
  let liveness: Liveness | null = null
  let refusal: ParleyError | null = null
  let isOver = false
  const cancelWait = clock.after(timeoutMs, () => end(1006, 'no greeting in time'))

  socket.addEventListener('message', ({ data }) => {
    if (isOver) return
    const parsed = parseFrames(data)
    if (parsed === null) return unreadable()
    liveness?.heard()
    if ('type' in parsed) receive(parsed)
    else batch.run(() => receiveAll(parsed))
  })
  socket.addEventListener('close', ({ code, reason }) => end(code, reason))

  function unreadable(): void {
    log('warn', 'A frame could not be read')
  }

  /** If one of the frames ends the connection, those after it are dropped, as if each had come alone. */
  function receiveAll(frames: readonly unknown[]): void {
    for (const frame of frames) {
      if (isOver) return
      if (isFrame(frame)) receive(frame)
      else unreadable()
    }
  }

  function receive(frame: ServerFrame): void {
    if (frame.type === 'hello') {
      greet(frame)
    } else if (frame.type === 'result') {
      requests.settle(frame.id, frame.data)
    } else if (frame.type === 'error') {
      const { message, id, ...told } = frame
      if (id === null) log('warn', 'The server has refused a frame', { message })
      requests.settle(id, refusalOf(message, told))
    } else {
      on.frame(frame)
    }
  }

  function greet(frame: HelloFrame): void {
    hello = frame
    cancelWait()
    liveness = watchLiveness(
      clock,
      frame.heartbeat_ms,
      () => tell({ type: 'ping' }),
      () => end(1006, 'nothing heard'),
    )
    ask({ type: 'auth', token }, (outcome) => {
      if (!(outcome instanceof ParleyError) && isIdentified(outcome)) {
        const { batch: takesBatches = false, max_batch: requests = 1, max_frame_bytes: bytes } = frame
        if (takesBatches) outgoing.limit({ requests, bytes })
        on.identified(outcome, frame)
        return
      }
      refusal = outcome instanceof ParleyError ? outcome : badAnswer()
      end(1006, 'not identified')
    })
  }

  function ask(frame: ClientFrame, answer: (outcome: Outcome) => void): void {
    if (isOver) {
      answer(disconnected())
      return
    }
    const id = requests.add(answer)
    if (id === null) return
    const text = JSON.stringify({ ...frame, id })
    const limit = hello?.max_frame_bytes ?? 0
    if (isLonger(text, limit)) {
      // Sending it would make the server close this connection and every later one.
      requests.settle(id, new ParleyError('too_large', `More than ${limit} bytes`))
    } else {
      outgoing.push(text)
    }
  }

  function tell(frame: ClientFrame): void {
    if (!isOver) outgoing.push(JSON.stringify(frame))
  }

  function close(): void {
    // What was asked in this turn goes out, for example the word that a room is left.
    outgoing.flush()
    end(1000, 'left')
  }

  function end(code: number, reason: string): void {
    if (isOver) return
    isOver = true
    cancelWait()
    liveness?.stop()
    outgoing.clear()
    socket.close()
    on.closed({ code, reason, greeted: hello !== null, refusal })
    requests.failAll(disconnected('The connection was lost'))
  }

  return { ask, tell, probe: () => liveness?.probe(), close }
}

function isLonger(text: string, limit: number): boolean {
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit
}
