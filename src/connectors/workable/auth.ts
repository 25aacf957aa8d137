import { z } from 'zod'
import { requiredText, secret } from '../../core/kit.js'

const NOT_A_SUBDOMAIN = 'expected the name of the account as in its address: acme for https://acme.workable.com'
const NOT_A_TOKEN = 'expected a token as Workable shows it: printable characters, no blanks'

export const workableAuth = z.strictObject({
  api_access_token: secret(
    requiredText()
      .regex(/^[\x21-\x7e]+$/, { error: NOT_A_TOKEN })
      .describe(
        'The API access token of the Workable account. It is generated in the Integrations section of the settings of Workable.',
      ),
  ),
  // One DNS label: it becomes part of the host that the token is sent to.
  subdomain: requiredText()
    .toLowerCase()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: NOT_A_SUBDOMAIN })
    .describe('The subdomain of the Workable account: NAME in https://NAME.workable.com'),
})

export type WorkableAuth = z.output<typeof workableAuth>
