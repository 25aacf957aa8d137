import { LosslessNumber, parse, stringify } from 'lossless-json'

/**
 * A number behind what may stand before one, which JavaScript might write otherwise than it was: 16 digits and more, an exponent, a
 * zero at the end of a fraction, less than a millionth, -0. It finds some in texts too: then the careful way reads what the quick one would have.
 */
const MAY_CHANGE = /[:[,]\s*(?=-0(?![\d.])|-?(?:\d[\d.]{15}|\d[\d.]*[eE]|\d+\.\d*0(?!\d)|0\.0{6}))(-?\d[\d.eE+-]*)/g

/** Most long numbers are doubles in full, which JavaScript writes as they were. */
function hasChange(text: string): boolean {
  for (const [, digits = ''] of text.matchAll(MAY_CHANGE)) if (String(Number(digits)) !== digits) return true
  return false
}

/** JSON of one service, of which every number can be sent back digit by digit. */
export class ExactJson {
  /** Whether a number came that only the careful way can write. */
  #isCareful = false

  /** As `JSON.parse`, but that a number which would change is a `LosslessNumber`. Throws where it is no JSON. */
  parse(text: string): unknown {
    if (!hasChange(text)) return JSON.parse(text)
    return parse(text, null, {
      parseNumber: (digits) => this.#number(digits),
      onDuplicateKey: ({ newValue }) => newValue,
    })
  }

  stringify(value: unknown): string {
    return (this.#isCareful ? stringify(value) : undefined) ?? JSON.stringify(value)
  }

  #number(digits: string): unknown {
    const number = Number(digits)
    if (String(number) === digits) return number
    this.#isCareful = true
    return new LosslessNumber(digits)
  }
}
