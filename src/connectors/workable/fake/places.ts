/** A place jobs are advertised in. Without a city it is where remote people may live. */
export interface Place {
  /** Workable's own code of the place; starts with J (recorded 2026-07). */
  shortcode: string
  city: string | null
  region: string | null
  region_code: string | null
  zip_code: string | null
  country: string
  country_code: string
  coords: string
  currency: string
  /** How many units of the currency a euro's worth of salary is, roughly. */
  factor: number
}

function place(
  where: string,
  [region_code, zip_code]: readonly [string | null, string | null],
  country_code: string,
  coords: string,
  [currency, factor]: readonly [string, number],
): Place {
  const [city = '', region = '', country = ''] = where.split(' | ')
  const orNull = (text: string) => (text === '' ? null : text)
  const shortcode = `J${hash(`${coords} ${country}`).toString(16).padStart(10, 'A').toUpperCase()}`
  return {
    shortcode,
    city: orNull(city),
    region: orNull(region),
    region_code,
    zip_code,
    country,
    country_code,
    coords,
    currency,
    factor,
  }
}

const EUR = ['eur', 1] as const

/** True coordinates. One has no space after the comma, as one of fifty recorded in 2025-06. */
export const CITIES: readonly Place[] = [
  place('London | | United Kingdom', ['England', '2142'], 'GB', '51.5073509, -0.1277583', ['gbp', 0.9]),
  place('New York | New York | United States', ['NY', null], 'US', '40.7127753, -74.0059728', ['usd', 1.6]),
  place('Berlin | Berlin | Germany', ['BE', '10115'], 'DE', '52.52000659999999, 13.404954', EUR),
  place('Paris | Île-de-France | France', ['IDF', '75002'], 'FR', '48.8575475, 2.3513765', EUR),
  place('Lyon | Auvergne-Rhône-Alpes | France', ['ARA', '69002'], 'FR', '45.764043, 4.835659', EUR),
  place('Barcelona | Catalonia | Spain', ['CT', null], 'ES', '41.38506389999999, 2.1734034999999494', EUR),
  place(
    'Alicante | Valenciana, Comunidad / Valenciana, Comunitat | Spain',
    ['VC', '03000'],
    'ES',
    '38.3457685,-0.4909444',
    EUR,
  ),
  place('Montreal | Quebec | Canada', ['QC', 'H4T 1Z2'], 'CA', '45.5016889, -73.56725599999999', ['cad', 1.4]),
  place('Αθήνα | Attica | Greece', ['I', '115 28'], 'GR', '37.9838096, 23.7275388', EUR),
  place('東京 | 東京都 | Japan', ['13', '100-0001'], 'JP', '35.6764225, 139.650027', ['jpy', 150]),
  place('Beirut | Beirut Governorate | Lebanon', ['Beirut Governorate', null], 'LB', '33.8937913, 35.5017767', [
    'usd',
    0.6,
  ]),
  place('Hilversum | North Holland | Netherlands', ['NH', null], 'NL', '52.2291696, 5.166897400000039', EUR),
  place('Dublin | County Dublin | Ireland', ['D', 'D02 X285'], 'IE', '53.3498053, -6.2603097', EUR),
  place('Bengaluru | Karnataka | India', ['KA', null], 'IN', '12.9715987, 77.59456269999998', ['inr', 30]),
  place('Ciudad de México | Ciudad de México | Mexico', ['CDMX', '06600'], 'MX', '19.4326077, -99.133208', ['mxn', 12]),
  place('São Paulo | São Paulo | Brazil', ['SP', '01310-100'], 'BR', '-23.5557714, -46.6395571', ['brl', 3]),
  place('Kraków | Małopolskie | Poland', ['MA', '31-042'], 'PL', '50.06465009999999, 19.9449799', ['pln', 3]),
  place('Sydney | New South Wales | Australia', ['NSW', '2000'], 'AU', '-33.8688197, 151.2092955', ['aud', 1.6]),
  place('Zürich | Zürich | Switzerland', ['ZH', '8001'], 'CH', '47.3768866, 8.541694', ['chf', 1.5]),
]

/** Recorded 2025-06: remote jobs have no city, and the coordinates are the centre of the region or country. */
export const AREAS: readonly Place[] = [
  place(' | Quebec | Canada', ['QC', null], 'CA', '52.9399159, -73.5491361', ['cad', 1.4]),
  place(' | Washington | United States', ['WA', null], 'US', '47.7510741, -120.7401386', ['usd', 1.6]),
  place(' | | Brazil', [null, null], 'BR', '-14.235004, -51.92528', ['brl', 3]),
  place(' | | Portugal', [null, null], 'PT', '39.39987199999999, -8.224454', EUR),
  place(' | | Germany', [null, null], 'DE', '51.165691, 10.451526', EUR),
]

/** Stable hash of a text, 32 bits. */
export function hash(text: string): number {
  let value = 2_166_136_261
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0
  return value
}
