import { LOCATION_FIELDS } from './schema.js'

// Which parts of a job HrFlow knows, and which of them are lists of named entries.

/** Never taken from a formatted job, never compared: HrFlow makes them, or the call gives them. */
export const SERVER_KEYS = new Set(['id', 'key', 'board', 'board_key', 'archive', 'archived_at', 'updated_at'])

export const NAMED_LISTS = [
  'sections',
  'skills',
  'languages',
  'certifications',
  'courses',
  'tasks',
  'interests',
  'tags',
  'metadatas',
  'ranges_float',
  'ranges_date',
]

const TEXTS = [
  'name',
  'url',
  'picture',
  'summary',
  'culture',
  'responsibilities',
  'requirements',
  'benefits',
  'interviews',
]

/** HrFlow drops silently what it does not know, so other keys are compared only where the stored job shows them. */
export const JOB_KEYS = new Set(['reference', 'created_at', ...TEXTS])
export const ENTRY_KEYS = ['name', 'title', 'description', 'type', 'value', 'value_min', 'value_max', 'unit']
export const LOCATION_KEYS = new Set(['text', 'lat', 'lng', 'gmaps', 'fields'])
export const FIELD_KEYS = new Set(LOCATION_FIELDS)
