/** A found word. Offsets count code points of the returned text: the service is written in Python (inferred). */
export interface FakeEntity {
  start: number
  end: number
  label: string
}

export interface FakeParsing {
  text: string
  entities: FakeEntity[]
  parsing: Record<string, string[]>
}

/** What the stand-in recognises; the service's own model knows far more. */
const WORDS = {
  skill_hard:
    'TypeScript, Python, SQL, PostgreSQL, Docker, Kubernetes, Terraform, AWS, React, Go, C++, C#, Excel, SAP, Salesforce, HubSpot, Figma, SEO, Spark, dbt, Linux, CSS, Power BI, Google Analytics',
  skill_soft:
    'leadership, communication, teamwork, empathy, creativity, negotiation, coaching, mentoring, problem solving',
  language: 'English, French, Spanish, German, Greek, Japanese, Arabic, Portuguese, Polish',
  task: 'prepare budgets, manage the entire sales cycle, negotiate agreements, choose suppliers and tools',
  certification: 'PMP, CFA, ISTQB, ISO 9001, Six Sigma, AWS Certified Solutions Architect',
  course: 'first aid course, machine learning course',
  interest: 'chess, sailing, photography',
}

/** Docs: the 18 lists of `parsing`. */
const LISTS: Record<string, string | undefined> = {
  skill_hard: 'skills_hard',
  skill_soft: 'skills_soft',
  language: 'languages',
  task: 'tasks',
  certification: 'certifications',
  course: 'courses',
  interest: 'interests',
}

const EMPTY_LISTS =
  'certifications companies courses dates durations education_titles emails first_names interests job_titles languages last_names locations phones schools skills_hard skills_soft tasks'

/** Docs, changelog: Atlas reads 8,192 characters of a text, Quicksilver 20,000; what is longer is cut. */
const LIMITS: Record<string, number | undefined> = { atlas: 8192, quicksilver: 20_000 }

const PATTERNS = Object.entries(WORDS).map(([label, words]) => {
  const longestFirst = words.split(', ').sort((one, other) => other.length - one.length)
  const escaped = longestFirst.map((word) => word.replace(/[+.]/g, '\\$&'))
  return { label, pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'giu') }
})

/** The default reply for one text. */
export function parseText(given: string, model = 'atlas'): FakeParsing {
  const text = Array.from(given)
    .slice(0, LIMITS[model] ?? 8192)
    .join('')
  const parsing: Record<string, string[]> = Object.fromEntries(EMPTY_LISTS.split(' ').map((name) => [name, []]))
  const found = PATTERNS.flatMap(({ label, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ label, word: match[0], index: match.index })),
  ).sort((one, other) => one.index - other.index)
  let [units, points] = [0, 0]
  const entities = found.map(({ label, word, index }) => {
    points += Array.from(text.slice(units, index)).length
    units = index
    const list = parsing[LISTS[label] ?? '']
    if (list && !list.includes(word)) list.push(word)
    return { start: points, end: points + Array.from(word).length, label }
  })
  return { text, entities, parsing }
}
