import type { ShownSettings } from '../../../server/index.ts'

/** A client uses any one of them. */
export function securitySchemesOf({ sessionCookie }: ShownSettings) {
  return {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description: '`Authorization: Bearer 9944…`, or `Token 9944…`',
    },
    token: {
      type: 'httpApiKey',
      in: 'query',
      name: 'token',
      description:
        '`?token=9944…`, for clients that can set no headers; a ticket is safer where addresses are logged',
    },
    ticket: {
      type: 'httpApiKey',
      in: 'query',
      name: 'ticket',
      description: '`?ticket=…`, from `POST /api/v2/me/tickets`: for one connection, within 30 seconds',
    },
    session: {
      type: 'httpApiKey',
      in: 'cookie',
      name: sessionCookie,
      description: 'Set by a sign-in of the other contracts; the Origin of the page must be allowed',
    },
    firstFrame: {
      type: 'apiKey',
      in: 'password',
      description: 'The handshake has no credential, and the first frame is `auth` with a token',
    },
  } as const
}

const variables = {
  host: { default: 'localhost:8000', description: 'The host of the server, and its port' },
}

/**
 * @param schemes names of security schemes, any one of which is enough
 * @param basePath the path below which clients see the server, without a slash at its end
 */
export function serversOf(schemes: readonly string[], basePath: string) {
  const security = schemes.map((name) => ({ $ref: `#/components/securitySchemes/${name}` }))
  const place = { host: '{host}', ...(basePath === '' ? {} : { pathname: basePath }) }
  return {
    plain: { ...place, protocol: 'ws', description: 'Without TLS', variables, security },
    secure: { ...place, protocol: 'wss', description: 'Over TLS', variables, security },
  }
}

/** The channel without its messages. */
export const channel = {
  address: '/api/v2/socket',
  title: 'The socket',
  description: `\`hello\` is the first frame. After that requests may be sent; all but \`auth\` need an identity.

Where the connection ends with one of these codes the client comes back, after a growing, random delay: 1001, 1006, 1011, 1012, 1013, 4000 to 4499 (4000: not identified in time; 4008: the client read too slowly, and got everything up to some frame and nothing after it). With one of these it does not come back with the same token: 1002, 1003, 1007, 1008 (signed out, or the token expired or was revoked, or the connection sent more frames than it may, or had more of them refused), 1009, 4500 to 4999 (4500: wrong credentials).`,
  bindings: {
    ws: {
      method: 'GET',
      query: {
        type: 'object',
        properties: {
          token: { type: 'string', description: 'A token, if the client cannot set headers' },
          ticket: { type: 'string', description: 'A single-use ticket' },
          identify: {
            type: 'string',
            enum: ['later'],
            description: 'Any other credential, such as a cookie, is ignored: `auth` must follow',
          },
          batch: {
            type: 'string',
            enum: ['1'],
            description: 'A text frame may hold several frames, as a JSON array, in both directions',
          },
        },
      },
      bindingVersion: '0.1.0',
    },
  },
} as const
