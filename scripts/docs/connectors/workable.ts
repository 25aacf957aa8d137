/** A job with every field that the mapping looks at, in three places. */
const sample = {
  id: '5c0a11',
  title: 'Backend Engineer',
  full_title: 'Backend Engineer - ENG-7',
  shortcode: '0A1B2C3D4E',
  code: 'ENG-7',
  state: 'published',
  sample: false,
  confidential: false,
  department: 'Platform',
  department_hierarchy: [{ id: 7, name: 'Platform' }],
  url: 'https://acme.workable.com/jobs/1',
  application_url: 'https://acme.workable.com/jobs/1/apply',
  shortlink: 'https://acme.workable.com/j/1',
  workplace_type: 'on_site',
  location: {
    location_str: 'Leeds, England, United Kingdom',
    country: 'United Kingdom',
    country_code: 'GB',
    region: 'England',
    region_code: 'ENG',
    city: 'Leeds',
    zip_code: 'LS1',
    telecommuting: false,
  },
  locations: [
    {
      shortcode: 'P1',
      country_code: 'GB',
      country_name: 'United Kingdom',
      state_code: 'ENG',
      subregion: 'England',
      zip_code: 'LS1',
      city: 'Leeds',
      coords: '53.8008, -1.5491',
      hidden: false,
    },
    { country_code: 'FR', country_name: 'France', city: 'Lyon', coords: '45.7640, 4.8357', hidden: false },
    { country_code: 'ES', country_name: 'Spain', city: 'Madrid', coords: '40.4168, -3.7038', hidden: false },
  ],
  salary: { salary_from: '30,000', salary_to: 40_000, salary_currency: 'gbp' },
  created_at: '2026-01-15T09:30:00Z',
  updated_at: '2026-11-01T08:00:00Z',
  keywords: ['backend'],
  full_description: '<p>All of it</p>',
  description: '<p>The work</p>',
  requirements: '<p>TypeScript</p>',
  benefits: '<p>Holidays</p>',
  employment_type: 'Full-time',
  industry: 'Computer Software',
  function: 'Engineering',
  experience: 'Associate',
  education: "Bachelor's Degree",
}

/** What stands on the board by a job's state; docs/lifecycle.md tells each arrow. */
const picture = `flowchart LR
  subgraph workable ["Workable"]
    draft
    published
    closed["closed<br>also internal and confidential jobs"]
    archived
    deleted
  end
  subgraph board ["HrFlow board"]
    live["live<br>the tag state says which"]
    gone["archived<br>never made live again"]
  end
  draft -- "create, update" --> live
  published -- "create, update" --> live
  closed -- "create, update" --> live
  archived -- "create, update" --> live
  archived -- "archive" --> gone
  deleted -. "stays as it was" .-> live`

export const workablePage = { sample, picture }
