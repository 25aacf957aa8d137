import { z } from 'zod'
import { requiredText } from '../../../core/kit.js'

// What a caller says of a write to a board.

const board_key = requiredText().describe('HrFlow.ai board key')

export const createParameters = z.strictObject({
  board_key,
  enrich_with_parsing: z
    .boolean()
    .default(false)
    .describe('When true, each job is enriched with what the text parsing of HrFlow.ai finds.'),
})

export const updateParameters = z.strictObject({
  board_key,
  edit: z
    .enum(['merge', 'replace'])
    .default('merge')
    .describe(
      'How a job of the board is edited: merge reads the stored job and changes only what this connector owns. replace sends one blind PUT, which also removes what others added: for keys that may only write.',
    ),
  on_missing: z
    .enum(['skip', 'create'])
    .default('skip')
    .describe('What to do with a job that the board does not have: skip counts it, create adds it.')
    .meta({ examples: ['create'] }),
  on_left: z
    .enum(['keep', 'archive'])
    .default('keep')
    .describe(
      'What to do with a job of the board that left: its state is outside the filter, it was deleted, or logics discard it. keep leaves it as it is. archive archives it, and brings it back when it returns: needs state and edit: merge.',
    )
    // The board follows or it does not: what was delivered stays delivered, and no cursor is lost by it.
    .meta({ examples: ['archive'], scoped: false }),
})

export const archiveParameters = z.strictObject({ board_key })

export type CreateParameters = z.output<typeof createParameters>
export type UpdateParameters = z.output<typeof updateParameters>
export type ArchiveParameters = z.output<typeof archiveParameters>
