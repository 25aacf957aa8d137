// A real browser before the console: Debian's Chromium, or what CHROMIUM_PATH names.
import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

const PATHS = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = PATHS.find((path) => path !== undefined && existsSync(path))

/** Whether there is none. On CI that is a failure, not a skip. */
export const hasNoBrowser = found === undefined
if (hasNoBrowser) {
  const said = 'The tests of the console need Chromium: install it, or name one with CHROMIUM_PATH.'
  if (process.env['CI'] === 'true') throw new Error(said)
  process.stderr.write(`\nSKIPPED: ${said}\n\n`)
}

export function openBrowser(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0
  return chromium.launch({
    ...(found === undefined ? {} : { executablePath: found }),
    args: ['--disable-background-networking', ...(isRoot ? ['--no-sandbox'] : [])],
  })
}

export interface Look {
  width: number
  scheme: 'light' | 'dark'
}

export const WIDE: Look = { width: 1_440, scheme: 'light' }

/** A page, and what is wrong with it: errors, what the policy of the server has refused, and requests to elsewhere. */
export interface Seen {
  page: Page
  wrong: string[]
}

/** A server that is told to be dead is no fault of the page. */
const EXPECTED = /Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/

export async function openPage(browser: Browser, url: string, { width, scheme }: Look = WIDE): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const wrong: string[] = []
  const { host } = new URL(url)
  page.on('pageerror', (error) => wrong.push(`threw: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) wrong.push(`said: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host) wrong.push(`asked elsewhere: ${request.url()}`)
  })
  await page.goto(url)
  return { page, wrong }
}

/** Goes to a place of the page, as a link would. */
export async function goTo(page: Page, hash: string, title: string | RegExp): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

interface Violation {
  id: string
  nodes: { html: string; failureSummary?: string }[]
}

/** What axe finds against WCAG 2.2 AA and good practice, a line each. */
export async function axeFinds(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  )
}

/** Whether something is wider than the window. */
export const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
