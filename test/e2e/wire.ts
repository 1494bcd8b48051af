import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

/** A message as Chat API v1 shows it. */
export type WireMessage = Static<typeof Message>

/** What the server sends over the socket of Chat API v1. */
export type ServerFrame = Static<typeof Frame>

/** Null where it is none. */
export function parseFrame(text: string): ServerFrame | null {
  const value: unknown = JSON.parse(text)
  return frame.Check(value) ? value : null
}

/** @throws Error where it is none, as do the following; with the text */
export function parseMessage(text: string): WireMessage {
  return checked(message, text)
}

export function parseMessages(text: string): WireMessage[] {
  return checked(messages, text)
}

/** The id of a user or room that was made. */
export function parseId(text: string): string {
  return checked(created, text).id
}

function checked<T>(schema: { Check(value: unknown): value is T }, text: string): T {
  const value: unknown = JSON.parse(text)
  if (!schema.Check(value)) throw new Error(`not what the contract promises: ${text}`)
  return value
}

const Message = Type.Object({
  id: Type.String({ pattern: '^[1-9][0-9]*$' }),
  room_id: Type.String(),
  user_id: Type.String(),
  content: Type.String(),
  type: Type.Literal('text'),
  created_at: Type.String({ pattern: '^[0-9-]{10}T[0-9:.]+Z$' }),
})
const Frame = Type.Union([
  Message,
  Type.Object({ type: Type.Literal('history'), messages: Type.Array(Message) }),
  Type.Object({ type: Type.Literal('system'), content: Type.String(), timestamp: Type.String() }),
  Type.Object({ type: Type.Literal('error'), detail: Type.String() }),
])

const message = TypeCompiler.Compile(Message)
const messages = TypeCompiler.Compile(Type.Array(Message))
const frame = TypeCompiler.Compile(Frame)
const created = TypeCompiler.Compile(Type.Object({ id: Type.String() }))
