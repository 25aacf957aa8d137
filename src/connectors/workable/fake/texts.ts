/** One area of work: the title, where it sits in the company, and the words its advertisement is made of. */
export interface Role {
  title: string
  /** Latin titles take a level in front ("Senior ..."). */
  levels: boolean
  /** Root first, leaf last; empty for jobs without a department. */
  department: readonly string[]
  industry: string
  function: string
  skills: readonly string[]
  intro: string
}

/** The four texts of a job; shared by all jobs of the same role and length. */
export interface Texts {
  description: string
  requirements: string
  benefits: string | null
  full_description: string
}

const IT = 'Computer Software'

function role(
  title: string,
  department: string,
  [industry, fn]: readonly [string, string],
  skills: string,
  intro: string,
): Role {
  const names = department === '' ? [] : department.split(' > ')
  const levels = /^[A-Z][a-z]+( [A-Z&][a-z&]*)*$/.test(title)
  return { title, levels, department: names, industry, function: fn, skills: skills.split(', '), intro }
}

/** In the spirit of fixtures/jobs.json: several languages, markup characters in titles, deep and missing departments. */
export const ROLES: readonly Role[] = [
  role(
    'Account Executive',
    '',
    ['Staffing and Recruiting', 'Other'],
    'Salesforce, negotiation, Excel, English',
    'We are looking for a competent Account Executive to find business opportunities and manage customer relationships.',
  ),
  role(
    'Director of Finance',
    '',
    ['Financial Services', 'Finance'],
    'budgeting, Excel, SAP, leadership',
    'You will own planning, reporting and treasury, and lead a team of six.',
  ),
  role(
    'Développeur·euse principal·e – Lead Developer',
    'Northwind Labs > Plateforme | Platform',
    [IT, 'Engineering'],
    'TypeScript, PostgreSQL, Docker, French',
    'Vous piloterez l’architecture de notre plateforme, du prototype à la production. You lead its architecture.',
  ),
  role(
    'Customer Success Manager',
    'Northwind Labs > Customer Success',
    [IT, 'Customer Service'],
    'communication, HubSpot, Spanish, English',
    'Our customers stay because somebody listens. That somebody is you.',
  ),
  role(
    'Backend Engineer (C++ / C#) <Routing>',
    'Northwind Labs > Engineering > Research & Development',
    [IT, 'Engineering'],
    'C++, C#, Kubernetes, algorithms',
    'Your code decides which lorry takes which road: 40&nbsp;million times a day, in less than 20 ms.',
  ),
  role(
    'Υπεύθυνος/η Λογιστηρίου',
    'Οικονομικά',
    ['Accounting', 'Accounting/Auditing'],
    'Excel, ERP, Greek, English',
    'Αναζητούμε άτομο με εμπειρία στη λογιστική και άριστη γνώση της ελληνικής νομοθεσίας.',
  ),
  role(
    'ソフトウェアエンジニア',
    '開発部',
    [IT, 'Engineering'],
    'Go, React, Japanese, AWS',
    '私たちは旅行予約サービスを開発しています。チームで設計から運用まで担当します。',
  ),
  role(
    'مدير مبيعات',
    'المبيعات',
    ['Retail', 'Sales'],
    'negotiation, Salesforce, Arabic, English',
    'نبحث عن مدير مبيعات لديه خبرة في إدارة الفرق وبناء العلاقات مع العملاء.',
  ),
  role(
    'Data Engineer',
    'Northwind Labs > Data',
    [IT, 'Information Technology'],
    'Python, SQL, Spark, dbt',
    'Half a billion events arrive every night; you make them answer questions by breakfast.',
  ),
  role(
    'Warehouse Operative',
    'Operations > Logistics',
    ['Logistics and Supply Chain', 'Supply Chain'],
    'forklift, teamwork, SAP, English',
    'You receive, store and send what our customers ordered, safely and in time.',
  ),
  role(
    'Registered Nurse',
    'Care',
    ['Hospital & Health Care', 'Health Care Provider'],
    'patient care, empathy, first aid, English',
    'Our ward has twelve beds, a calm rhythm and a team that covers for each other.',
  ),
  role(
    'Marketing Manager',
    'Commercial > Marketing',
    ['Marketing and Advertising', 'Marketing'],
    'SEO, Google Analytics, creativity, English',
    'You tell the people who need us that we exist, and you can show what each euro brought.',
  ),
  role(
    'Business Analyst',
    '',
    [IT, 'Analyst'],
    'SQL, Power BI, communication, English',
    'You turn "the numbers look odd" into a question, and the question into a decision.',
  ),
  role(
    'Executive Assistant',
    'Administration',
    [IT, 'Administrative'],
    'organisation, Excel, communication, French',
    'You keep three calendars honest and two directors on time.',
  ),
  role(
    'Field Service Technician',
    'Operations > Field Operations',
    ['Machinery', 'Other'],
    'electronics, PLC, problem solving, English',
    'From your own van you keep two hundred machines between the coast and the mountains running.',
  ),
  role(
    'Head of People',
    'People',
    [IT, 'Human Resources'],
    'leadership, labour law, coaching, English',
    'We were forty people last year and will be ninety next year: help us stay one company.',
  ),
  role(
    'Regional Sales Director, Latin America',
    'Group > Commercial > Sales > Enterprise',
    [IT, 'Sales'],
    'negotiation, Salesforce, Spanish, Portuguese',
    'Desde Ciudad de México hasta São Paulo: you open the region and own its number.',
  ),
  role(
    'Junior Designer 🎨 (UX/UI)',
    'Design',
    ['Design', 'Design'],
    'Figma, prototyping, creativity, English',
    'Sketch in the morning, test after lunch, ship on Thursday.',
  ),
  role(
    'DevOps Engineer',
    'Northwind Labs > Engineering',
    [IT, 'Engineering'],
    'Kubernetes, Terraform, AWS, Linux',
    'You build the road our engineers drive on, and the guard rails beside it.',
  ),
  role(
    'Quality Engineer',
    'Operations > Quality',
    ['Automotive', 'Quality Assurance'],
    'ISO 9001, Six Sigma, Excel, German',
    'Nothing leaves the plant that you would not drive yourself.',
  ),
  role(
    'Chargé·e de recrutement',
    'Ressources humaines',
    ['Staffing and Recruiting', 'Human Resources'],
    'sourcing, communication, French, English',
    'Vous accompagnez les équipes, de la définition du besoin à l’arrivée de la personne.',
  ),
  role(
    'Legal Counsel',
    'Legal',
    ['Law Practice', 'Legal'],
    'contract law, GDPR, negotiation, German',
    'You read contracts so that others can sign them, and say no in a way that helps.',
  ),
  role(
    'Frontend Engineer',
    'Northwind Labs > Engineering',
    [IT, 'Engineering'],
    'TypeScript, React, CSS, accessibility',
    'You own the page every customer sees first, and the half second before it appears.',
  ),
  role(
    'Store Manager',
    'Retail > Stores',
    ['Retail', 'Management'],
    'leadership, merchandising, teamwork, Polish',
    'A shop is a team, a window and a promise; you look after all three.',
  ),
]

const DUTIES = [
  'Plan the work of the coming weeks with the people who will do it',
  'Keep our customers informed before they have to ask',
  'Write down what you decide, so that the next colleague can follow',
  'Find the cause of a problem, not only its symptom',
  'Report progress, risks and costs every month, in plain words',
  'Improve one thing each quarter that nobody asked you to improve',
  'Guide newer colleagues and learn from them in turn',
  'Work closely with sales, product &amp; finance',
  'Prepare budgets and watch how they are spent',
  'Represent us at fairs and meet-ups, two or three times a year',
  'Choose suppliers and tools, and part from those that no longer help',
  'Make sure that what we promise is what we deliver',
]

const PARAGRAPHS = [
  'We are a team of twenty-four, spread over six countries, and we meet in person twice a year.',
  'You will start with a small project of your own in the first week, and with the whole area after three months.',
  'Our customers are hospitals, hauliers and shops; most of them have been with us for more than five years.',
  'Decisions are taken by those who live with the result. You will find that this includes you from the first day.',
  'The position is new: you help to shape it, and you may change the way we do things where you find a better one.',
  'We welcome applications regardless of age, gender, origin, religion, disability or identity.',
]

const REQUIREMENTS = [
  'Three or more years in a comparable position',
  'The habit of asking early when something is unclear',
  'A calm way with people who are in a hurry',
  'Excellent organisation &amp; time management',
  'A degree, an apprenticeship, or the experience that replaces it',
]

const BENEFITS = [
  '30 days of leave',
  'Health plan (medical, dental &amp; vision)',
  'A training budget of 1,500 € a year',
  'Flexible hours',
  'Public transport ticket',
  'Stock option plan',
]

/** About how long the descriptions of the three variants are; all are between 500 and 4,000 characters. */
export const LENGTHS = [650, 1500, 3000] as const

const list = (items: readonly string[]) => `<ul> ${items.map((item) => `<li>${item}</li>`).join(' ')}</ul>`

/** Goes round the pool from a start, so that neighbouring roles read differently. */
const slice = (pool: readonly string[], start: number, count: number) =>
  Array.from({ length: count }, (_, at) => pool[(start + at) % pool.length] ?? '')

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The markup is that of Workable's editor: p, ul, li, strong, entities, blanks between tags (recorded 2026-07). */
export function composeTexts(work: Role, index: number, length: number): Texts {
  const skills = work.skills.map(escapeHtml)
  const duties = skills.map((skill) => `Use ${skill} every day, and help others to use it well`)
  let description = ''
  for (let round = 1; description.length < length; round++) {
    const text = slice(PARAGRAPHS, index, Math.ceil(round / 2)).map((paragraph) => `<p>${paragraph}</p>`)
    const items = list([...duties.slice(0, 1 + round / 4), ...slice(DUTIES, index, Math.min(2 + round, 36))])
    description = `<p>${work.intro}</p> ${text.join('\n')} <p><strong>Responsibilities</strong></p>${items}`
  }
  const requirements = list([...skills.map((skill) => `Experience with ${skill}`), ...slice(REQUIREMENTS, index, 3)])
  const benefits = list(slice(BENEFITS, index, 4))
  return {
    description,
    requirements,
    benefits,
    full_description: fullDescription({ description, requirements, benefits }),
  }
}

type Parts = Partial<Record<'description' | 'requirements' | 'benefits', string | null | undefined>>

/** Recorded 2026-07: the full description is the description, then each other text under its bold heading. */
export function fullDescription({ description, requirements, benefits }: Parts): string {
  const headed = (heading: string, text: string | null | undefined) =>
    text ? `<p><strong>${heading}</strong></p>${text}` : ''
  return `${description ?? ''}${headed('Requirements', requirements)}${headed('Benefits', benefits)}`
}
