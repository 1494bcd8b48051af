import type { StreamFormat } from '../../../server/index.ts'

/** Frames that tell nothing but that the client is up to date. */
const NO_NEWS = [
  /^\{"type":"(?:hello|live|state)"/,
  /^\{"type":"heartbeat"(?!.*"memberships":\d+\}$)/,
  /^\{"type":"result","id":\d+,"data":\{"room":\d+,"mode":"live"/,
]

/** Frames that can wait a moment for others, since they come again and again. */
const MINOR = /^\{"type":"presence"/

/** The frames of one answer to a poll, as one JSON object. */
export class FrameList implements StreamFormat {
  readonly contentType = 'application/json'
  readonly start = '{"frames":['
  /** JSON may have white space anywhere. */
  readonly ping = '\n'
  /** Called when the first frame with news has been sent. */
  onNews: (() => void) | null = null
  /** The same for a frame that can wait a moment. */
  onMinor: (() => void) | null = null
  #isFirst = true
  #hasNews = false

  get hasNews(): boolean {
    return this.#hasNews
  }

  frame(text: string): string {
    const separator = this.#isFirst ? '' : ','
    this.#isFirst = false
    if (MINOR.test(text)) this.onMinor?.()
    else if (!this.#hasNews && !NO_NEWS.some((form) => form.test(text))) {
      this.#hasNews = true
      this.onNews?.()
    }
    return separator + text
  }

  end(code: number): string {
    return `],"code":${code}}`
  }
}
