import { convert } from 'html-to-text'

const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } }))

/**
 * What HTML says, as plain text: paragraphs are lines, entries of lists begin with `- `, links keep their words and images
 * go. A text without tags stays as it is, but for blanks around it and entities, which are read. Never throws: HTML that is
 * not closed is read as browsers do.
 */
export function htmlToText(html: string): string {
  return convert(html, {
    wordwrap: false,
    limits: { maxDepth: 200 },
    selectors: [
      ...headings,
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'ul', options: { itemPrefix: '- ' } },
    ],
  })
}
