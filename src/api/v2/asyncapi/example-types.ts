import type { ClientFrame, ResultFrame } from '../wire/index.ts'
import type { Answer } from './answers.ts'

export interface Example<Payload> {
  readonly summary: string
  readonly payload: Payload
}

/** Examples of requests, by the frame's `type`. */
export type Examples<Frame extends { type: string }> = {
  readonly [Type in Frame['type']]: readonly Example<Frame & { type: Type }>[]
}

/** Examples of result frames, by the request's `type`. */
export type Results<Types extends ClientFrame['type']> = {
  readonly [Type in Types]: readonly Example<ResultFrame & { data: Answer<Type> }>[]
}
