import { z } from 'zod'
import { personal, requiredText, secret } from '../../core/kit.js'

const NOT_AN_EMAIL = 'expected the email of a user of the workspace, such as owner@example.com'
const NOT_A_KEY = 'expected printable characters without blanks'

export const hrflowAuth = z.strictObject({
  api_secret: secret(
    requiredText()
      .regex(/^[\x21-\x7e]+$/, { error: NOT_A_KEY })
      .describe('The API key of the HrFlow.ai workspace'),
  ),
  api_user: personal(
    requiredText()
      .regex(/^[\x21-\x7e]+$/, { error: NOT_A_KEY, abort: true })
      .regex(/^[^@]+@[^@]+$/, { error: NOT_AN_EMAIL })
      .describe('The email of a user of the HrFlow.ai workspace'),
  ),
})
