import type { AuditRecord } from '../../core/ports/history.js'
import type { AuditEntry } from '../contract.js'
import { iso } from '../means.js'

export function auditEntry({ at, who, what, workflow_id, detail }: AuditRecord): AuditEntry {
  return { at: iso(at), who, what, workflow_id, detail }
}
