/*
 * The built-in web client: signing in, the list of the user's rooms, and one of them at a time. It shows the state of the client library.
 * Everything that users wrote is shown as text only.
 *
 * Imports only the client library; runs in browsers, under the page's Content-Security-Policy.
 */
import { createClient, webStorage } from '../client/index.ts'
import { showChat } from './chat.ts'
import { serverUrl, storageKey } from './place.ts'
import { endSession, type Session, storedSession, tokenOf } from './session.ts'
import { showSignIn } from './sign-in.ts'

const place = document.body

function start(session: Session): void {
  const client = createClient({
    url: serverUrl(),
    token: tokenOf(session),
    storage: webStorage(localStorage, storageKey('outbox.')),
    log: (level, message, details) => console[level](message, details),
  })
  const chat = showChat(place, client, () => void leave())
  // The token was revoked or has expired: the user has to sign in again.
  client.on('stopped', ({ reason }) => {
    if (reason !== 'closed') end('You have been signed out.')
  })

  async function leave(): Promise<void> {
    // If this fails, the token still expires by itself.
    await client.api.me.revokeToken('current').catch(() => undefined)
    end('')
  }

  function end(why: string): void {
    endSession()
    chat.remove()
    void client.close()
    showSignIn(place, why, start)
  }
}

const session = storedSession()
if (session === null) showSignIn(place, '', start)
else start(session)
