import { z } from 'zod'
import type { HrflowApi } from '../api.js'
import type { HrflowJob } from './schema.js'

/** The smaller model reads 8,192 characters of a text and cuts the rest (changelog): longer texts are sent in parts. */
const LONGEST_TEXT = 8_000

const parsedText = z.looseObject({
  text: z.string(),
  entities: z.array(z.looseObject({ start: z.int(), end: z.int(), label: z.string() })),
})

const LISTS = new Map<string, 'languages' | 'tasks' | 'certifications' | 'courses' | 'interests'>([
  ['language', 'languages'],
  ['task', 'tasks'],
  ['certification', 'certifications'],
  ['course', 'courses'],
  ['interest', 'interests'],
])

const SKILL_TYPES = new Map<string, 'hard' | 'soft' | null>([
  ['Skill', null],
  ['skill_hard', 'hard'],
  ['skill_soft', 'soft'],
])

/**
 * The job with what HrFlow's text parsing finds in its summary and sections: skills, languages, tasks, certifications,
 * courses, interests, none twice. The job that is passed in is not changed. A parsing that fails fails the job.
 */
export async function enrichJob(hrflow: HrflowApi, job: HrflowJob): Promise<HrflowJob> {
  const texts = await textsOf(job)
  if (texts.length === 0) return job
  const parsed = await hrflow.parseTexts(texts, z.array(parsedText))
  const enriched = {
    ...job,
    skills: [...(job.skills ?? [])],
    languages: [...(job.languages ?? [])],
    tasks: [...(job.tasks ?? [])],
    certifications: [...(job.certifications ?? [])],
    courses: [...(job.courses ?? [])],
    interests: [...(job.interests ?? [])],
  }
  for (const { text, entities } of parsed) {
    // Offsets count code points of the text that came back, not JavaScript's UTF-16 units.
    const points = Array.from(text)
    for (const { start, end, label } of entities) {
      const name = points.slice(start, end).join('').trim()
      const list = LISTS.get(label)
      const type = SKILL_TYPES.get(label)
      if (name === '') continue
      if (list !== undefined && !enriched[list].some((entry) => entry.name === name))
        enriched[list].push({ name, value: null })
      if (type !== undefined && !enriched.skills.some((skill) => skill.name === name && skill.type === type)) {
        enriched.skills.push({ name, type, value: null })
      }
    }
  }
  return enriched
}

async function textsOf(job: HrflowJob): Promise<string[]> {
  const parts = [job.summary, ...(job.sections ?? []).flatMap(({ title, description }) => [title, description])]
  const html = parts.filter((part) => typeof part === 'string' && part !== '').join('\n')
  if (html === '') return []
  // Loaded here: only a run that enriches needs it.
  const { convert } = await import('html-to-text')
  const text = convert(html, {
    wordwrap: false,
    limits: { maxDepth: 200 },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
    ],
  })
  return split(text)
}

/** Parts of at most `LONGEST_TEXT` characters, cut between words where there are any. */
function split(text: string): string[] {
  const parts: string[] = []
  let rest = text.trim()
  while (rest.length > LONGEST_TEXT) {
    const blank = rest.slice(0, LONGEST_TEXT).search(/\s\S*$/)
    const end = blank > 0 ? blank : LONGEST_TEXT
    parts.push(rest.slice(0, end))
    rest = rest.slice(end).trim()
  }
  return rest === '' ? parts : [...parts, rest]
}
