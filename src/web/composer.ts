import type { Message, RoomView } from '../client/index.ts'
import { complain, element } from './dom.ts'

export interface Composer {
  readonly element: HTMLElement
  /** Begins an edit: the next text that is sent replaces this message. */
  edit(message: Message): void
  enable(enabled: boolean): void
  focus(): void
}

/** The text field: Enter sends, Shift+Enter begins a new line, Escape cancels an edit. */
export function createComposer(view: RoomView): Composer {
  const text = element('textarea', { rows: 2, placeholder: 'Write a message' })
  text.setAttribute('aria-label', 'Message')
  const submit = element('button', { type: 'submit', textContent: 'Send' })
  const form = element('form', { className: 'composer' }, text, submit)
  let edited: Message | null = null

  function begin(message: Message | null): void {
    edited = message
    text.value = message?.body ?? ''
    submit.textContent = message === null ? 'Send' : 'Save'
    text.focus()
  }

  form.onsubmit = (event) => {
    event.preventDefault()
    const body = text.value
    if (body.trim() === '') return
    if (edited === null) {
      // Nobody waits for it here: the list of messages shows whether it was sent.
      view.send(body).done.catch(() => undefined)
      view.typing(false)
    } else {
      view.edit(edited.seq, body).catch(complain)
    }
    begin(null)
  }
  text.onkeydown = (event) => {
    if (event.key === 'Escape' && edited !== null) begin(null)
    // While an input method is composing, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  }
  text.oninput = () => {
    if (edited === null) view.typing(text.value !== '')
  }

  return {
    element: form,
    edit: begin,
    enable(enabled) {
      text.disabled = !enabled
      submit.disabled = !enabled
    },
    focus: () => text.focus(),
  }
}
