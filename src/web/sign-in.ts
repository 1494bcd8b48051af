import { register, signIn } from '../client/index.ts'
import { element } from './dom.ts'
import { serverUrl } from './place.ts'
import { beginSession, type Session } from './session.ts'

/** @param why why the last session ended; empty if there was none */
export function showSignIn(place: Element, why: string, begin: (session: Session) => void): void {
  const username = element('input', { name: 'username', autocomplete: 'username', required: true })
  const password = element('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  })
  const problem = element('p', { className: 'problem', textContent: why })
  problem.setAttribute('role', 'alert')
  const existing = element('button', { type: 'submit', textContent: 'Sign in', value: 'sign-in' })
  const fresh = element('button', { type: 'submit', textContent: 'Create account', value: 'register' })
  const form = element(
    'form',
    { className: 'sign-in' },
    element('h1', { textContent: 'Parley' }),
    element('label', {}, 'Name ', username),
    element('label', {}, 'Password ', password),
    problem,
    element('div', {}, existing, fresh),
  )

  form.onsubmit = (event) => {
    event.preventDefault()
    const call = event.submitter === fresh ? register : signIn
    const buttons = [existing, fresh]
    for (const each of buttons) each.disabled = true
    call(serverUrl(), { username: username.value, password: password.value }).then(
      (answer) => {
        form.remove()
        begin(beginSession(answer))
      },
      (error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : String(error)
        for (const each of buttons) each.disabled = false
      },
    )
  }
  place.append(form)
  username.focus()
}
