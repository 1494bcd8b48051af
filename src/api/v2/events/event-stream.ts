import type { StreamFormat } from '../../../server/index.ts'

/** Server-sent events: one frame, or one batch of frames, in each. */
export const eventStream: StreamFormat = {
  contentType: 'text/event-stream',
  start: '',
  frame: (text) => `data: ${text}\n\n`,
  ping: ':\n\n',
  end: (code, reason) => `event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`,
}

/** @param id without line breaks */
export function idLines(id: string): string {
  return `id: ${id}\n\n`
}

/** Sets the pause after which browsers come back. */
export function retryLines(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`
}
