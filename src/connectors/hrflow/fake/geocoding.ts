/** Docs, "The Job object": the keys of `location.fields` after geocoding. */
export const FIELD_KEYS = [
  'category',
  'city',
  'city_district',
  'country',
  'country_region',
  'entrance',
  'house',
  'house_number',
  'island',
  'level',
  'near',
  'po_box',
  'postcode',
  'road',
  'staircase',
  'state',
  'state_district',
  'suburb',
  'text',
  'unit',
  'world_region',
] as const

/** Not where the place is, but always the same point for the same text. */
export function geocode(text: string): { lat: number; lng: number; fields: Record<string, string | null> } {
  const lat = round(fraction(text, 17) * 130 - 55)
  const lng = round(fraction(text, 31) * 360 - 180)
  const parts = text.split(',').map((part) => part.trim())
  const known = {
    city: parts.length > 1 ? (parts[0] ?? null) : null,
    state: parts.length > 2 ? (parts[1] ?? null) : null,
    country: parts.at(-1) ?? null,
    text,
  }
  return { lat, lng, fields: { ...Object.fromEntries(FIELD_KEYS.map((key) => [key, null])), ...known } }
}

function fraction(text: string, seed: number): number {
  let hash = seed
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0
  return hash / 4_294_967_296
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6
