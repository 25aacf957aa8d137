import { z } from 'zod'
import { requiredText, secret } from '../../core/parameters.js'

const NOT_A_SUBDOMAIN = 'expected the name of the account as in its address: acme for https://acme.workable.com'
const NOT_A_TOKEN = 'expected a token as Workable shows it: printable characters, no blanks'

export const workableAuth = z.strictObject({
  api_access_token: secret(
    requiredText()
      .regex(/^[\x21-\x7e]+$/, { error: NOT_A_TOKEN })
      .describe(
        'The API access token for the Workable account, which can be generated from the Integrations section in the Workable backend settings.',
      ),
  ),
  // One DNS label: it becomes part of the host that the token is sent to.
  subdomain: requiredText()
    .toLowerCase()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: NOT_A_SUBDOMAIN })
    .describe('The subdomain of the Workable account, can be retrieved with a GET request to the /account endpoint'),
})

export type WorkableAuth = z.output<typeof workableAuth>
