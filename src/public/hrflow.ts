// Made by `npm run generate`: do not edit.

/** Credentials of HrFlow. */
export interface HrflowAuth {
  /** The API key of the HrFlow.ai workspace */
  api_secret: string
  /** The email of a user of the HrFlow.ai workspace */
  api_user: string
}

/** A job of HrFlow. Fields that are not listed pass as they are. */
export interface HrflowJob {
  /** The origin's id of the job, unique on its board. */
  reference: string
  /** Title of the job. */
  name?: string | null | undefined
  /** Public page of the job. */
  url?: string | null | undefined
  /** Address of a picture. */
  picture?: string | null | undefined
  /** Summary; may be HTML. */
  summary?: string | null | undefined
  /** Culture of the company. */
  culture?: string | null | undefined
  /** Responsibilities. */
  responsibilities?: string | null | undefined
  /** Requirements; may be HTML. */
  requirements?: string | null | undefined
  /** Benefits; may be HTML. */
  benefits?: string | null | undefined
  /** Course of the interviews. */
  interviews?: string | null | undefined
  /** Place of the job; null is the same as absent. */
  location?: {
    /** The place as one text. */
    text?: string | null | undefined
    /** Latitude in degrees. */
    lat?: number | null | undefined
    /** Longitude in degrees. */
    lng?: number | null | undefined
    /** Address on Google Maps; made by HrFlow. */
    gmaps?: string | null | undefined
    /** Parts of the place: `text`, `country`, `state`, `city`, `postcode` and sixteen more. */
    fields?: Record<string, string | null | undefined> | null | undefined
    /** Never sent: coordinates that are wrong for this job. Stored coordinates equal to one are cleared. */
    refused_points?: {
      /** Latitude in degrees. */
      lat: number
      /** Longitude in degrees. */
      lng: number
    }[] | undefined
  } | null | undefined
  /** When the job was created, `YYYY-MM-DDTHH:MM:SS+0000`. */
  created_at?: string | null | undefined
  /** Texts of the job by name. */
  sections?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Title of the section. */
    title?: string | null | undefined
    /** Text of the section; null removes the section. */
    description?: string | null | undefined
  }[] | null | undefined
  /** Skills. */
  skills?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /**
     * `hard`, `soft` or null.
     *
     * One of `hard`, `soft`.
     */
    type?: 'hard' | 'soft' | null | undefined
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Languages. */
  languages?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Certifications. */
  certifications?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Courses. */
  courses?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Tasks. */
  tasks?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Interests. */
  interests?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Short values to search and filter by. */
  tags?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Values that are kept but not indexed. */
  metadatas?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Value; null in `tags` and `metadatas` says that there is none, and removes the entry. */
    value?: string | number | boolean | null | undefined
  }[] | null | undefined
  /** Ranges of numbers, such as a salary. */
  ranges_float?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Lower bound. */
    value_min?: number | null | undefined
    /** Upper bound; a range without bounds removes the entry. */
    value_max?: number | null | undefined
    /** Unit, such as a currency. */
    unit?: string | null | undefined
  }[] | null | undefined
  /** Ranges of dates. */
  ranges_date?: {
    /** Name of the entry: a formatted job owns all entries of the names it gives. */
    name: string
    /** Lower bound, a date. */
    value_min?: string | null | undefined
    /** Upper bound, a date; a range without bounds removes the entry. */
    value_max?: string | null | undefined
  }[] | null | undefined
}

/** A job of HrFlow as a format may give it. */
export interface HrflowJobInput extends Omit<HrflowJob, 'reference'> {
  /** The origin's id of the job, unique on its board. */
  reference: string | number
}
