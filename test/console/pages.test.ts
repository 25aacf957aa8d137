// Every page of the console in a real browser, on a phone and a desk, light and dark.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  axeFinds,
  goTo,
  hasNoBrowser,
  type Look,
  openBrowser,
  openPage,
  overflow,
  type Seen,
} from '../support/console/browser.js'
import { LIVE, PLANNED, type StandIn, startStandIn } from '../support/console/stand-in.js'

const PAGES: [name: string, hash: string, title: string | RegExp][] = [
  ['home', '#/', 'Workflows'],
  ['a workflow whose items fail', '#/workflows/globex-jobs', 'globex-jobs'],
  ['a workflow that cannot run', '#/workflows/initech-careers', 'initech-careers'],
  ['a workflow that never ran', '#/workflows/stark-nightly', 'stark-nightly'],
  ['a run that ended', '#/runs/globex-jobs-0001', /^Full run of/],
  ['a run that was fatal', '#/runs/initech-careers-0001', /^Run of/],
  ['a run on its way', `#/runs/${LIVE}`, /^Run of/],
  ['a plan', `#/runs/${PLANNED}/plan`, /^Plan of/],
  ['jobs to pick', '#/workflows/globex-jobs/jobs', 'Find a job'],
  ['a job', '#/workflows/globex-jobs/jobs/J9CD658', 'Job J9CD658'],
  ['a mapping', '#/workflows/globex-jobs/mapping', 'Mapping'],
  ['set-up', '#/setup', 'Set up a workflow'],
  ['changes by hand', '#/audit', 'Changes by hand'],
  ['nowhere', '#/nowhere', 'Nothing is here'],
]

/** Both widths and both schemes; what is shown most, in all four of their pairs. */
const LOOKS: [Look, typeof PAGES][] = [
  [{ width: 1_440, scheme: 'light' }, PAGES],
  [{ width: 360, scheme: 'dark' }, PAGES],
  [{ width: 1_440, scheme: 'dark' }, PAGES.slice(0, 2)],
  [{ width: 360, scheme: 'light' }, PAGES.slice(0, 2)],
]

describe.skipIf(hasNoBrowser)('pages', () => {
  let browser: Browser
  let server: StandIn
  beforeAll(async () => {
    server = await startStandIn()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  describe.each(LOOKS)('at %o', (look, pages) => {
    let seen: Seen
    beforeAll(async () => {
      seen = await openPage(browser, server.url, look)
    })
    afterAll(() => seen.page.context().close())

    test.each(pages)(
      '%s has nothing that axe finds, and nothing is wider than the window',
      async (_name, hash, title) => {
        await goTo(seen.page, hash, title)
        expect(await axeFinds(seen.page)).toEqual([])
        expect(await overflow(seen.page)).toBe(0)
        expect(seen.wrong).toEqual([])
      },
    )
  })

  test('axe and the width would tell, if something were wrong', async () => {
    const { page } = await openPage(browser, server.url)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.evaluate(`document.querySelector('main').innerHTML = '<img src="icon.svg"><div class="wide">x</div>'`)
    await page.evaluate(`document.querySelector('.wide').style.width = '3000px'`)
    expect((await axeFinds(page)).join()).toContain('image-alt')
    expect(await overflow(page)).toBeGreaterThan(0)
    await page.context().close()
  })
})
