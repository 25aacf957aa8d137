// The console with a server that is slow, dead or gone, with texts of hostile people, and by the keyboard alone.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { goTo, hasNoBrowser, openBrowser, openPage, type Seen } from '../support/console/browser.js'
import { HOSTILE } from '../support/console/invented.js'
import { LIVE, PLANNED, type StandIn, startStandIn } from '../support/console/stand-in.js'

describe.skipIf(hasNoBrowser)('trouble', () => {
  let browser: Browser
  let server: StandIn
  let seen: Seen
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    server = await startStandIn()
    seen = await openPage(browser, server.url)
    page = seen.page
    await page.getByRole('row', { name: /acme-jobs/ }).waitFor()
  })
  afterEach(async () => {
    await page.context().close()
    await server.close()
    expect(seen.wrong).toEqual([])
  })

  const banner = () => page.getByText(/The server of the console does not answer. What is shown is from before/)
  const focused = (what: string) => page.evaluate<string | null>(`document.activeElement.${what}`)

  test('while an answer is awaited, its place is held', async () => {
    const release = server.hold('/api/workflows/acme-jobs')
    await page.getByRole('link', { name: 'acme-jobs' }).click()
    await page.getByRole('heading', { level: 1, name: 'acme-jobs' }).waitFor()
    await page.getByRole('status', { name: 'Loading' }).waitFor()
    release()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0)
  })

  test('while a change is awaited, it cannot be sent twice, and nothing says that it is done', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    const release = server.hold('/api/workflows/acme-jobs/pause')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Pause it' }).click()
    const waiting = page.getByRole('button', { name: 'One moment …' })
    expect(await waiting.isDisabled()).toBe(true)
    expect(await page.locator('.notice').count()).toBe(0)
    release()
    await page
      .locator('.notice')
      .getByText(/acme-jobs is paused/)
      .waitFor()
    expect(server.changes).toHaveLength(1)
  })

  test('a server that dies is told of, what was shown stays, and it comes back by itself', async () => {
    await server.die()
    await banner().waitFor()
    expect(await page.getByRole('row', { name: /acme-jobs/ }).isVisible()).toBe(true)
    await page.getByRole('link', { name: 'acme-jobs' }).click()
    await page.getByRole('main').getByText('The server of the console does not answer.').waitFor()
    await server.revive()
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await banner().waitFor({ state: 'detached' })
    await page.getByRole('main').getByText('does not answer').waitFor({ state: 'detached' })
  })

  test('a change that a dead server did not take is told in its dialog', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await page.getByRole('button', { name: 'Pause' }).click()
    await server.die()
    await page.getByRole('button', { name: 'Pause it' }).click()
    await page.getByRole('dialog').getByText('The server of the console does not answer.').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await server.revive()
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await banner().waitFor({ state: 'detached' })
  })

  test('a run that is followed goes on when the server is back', async () => {
    await goTo(page, `#/runs/${LIVE}`, /^Run of/)
    await page.getByText('486 of 1,240 items done').waitFor()
    await server.die()
    await banner().waitFor()
    await server.revive()
    await expect
      .poll(
        async () => {
          await server.progress({ done: 1_000 })
          return page.getByText('1,000 of 1,240 items done').count()
        },
        { timeout: 20_000 },
      )
      .toBe(1)
  })

  test('what is not there is told with what to do', async () => {
    await page.evaluate(`location.hash = '#/workflows/no-such-workflow'`)
    await page.getByText('No workflow has that name.').waitFor()
    await page.getByText('See the list of workflows.').waitFor()
  })

  test('a window that is signed out says how to get in', async () => {
    await page.route('**/api/**', (route) =>
      route.fulfill({ status: 401, json: { code: 'token', message: 'No.', hint: null } }),
    )
    await page.reload()
    await page.getByText('This window is signed out. Open the address that the command has printed.').waitFor()
  })

  test.each([
    ['a plan', `#/runs/${PLANNED}/plan`, /^Plan of/],
    ['failures', '#/runs/globex-jobs-0001', /^Full run of/],
    ['changes by hand', '#/audit', 'Changes by hand'],
    ['a mapping', '#/workflows/globex-jobs/mapping', 'Mapping'],
  ])('a title that holds a script is a text, in %s', async (_name, hash, title) => {
    await goTo(page, hash, title)
    await page.getByText(HOSTILE).first().waitFor()
    expect(await page.locator('main script, main img, main iframe').count()).toBe(0)
    expect(await page.title()).toContain('hrflow-connectors')
  })

  test('a reference in an address that holds a script is a text', async () => {
    await goTo(page, `#/workflows/globex-jobs/jobs/${encodeURIComponent(HOSTILE)}`, `Job ${HOSTILE}`)
    expect(await page.locator('main script, main img').count()).toBe(0)
    expect(await page.evaluate('document.title')).toBe(`Job ${HOSTILE} · hrflow-connectors`)
  })

  test('HTML of a job is readable text', async () => {
    await goTo(page, '#/workflows/globex-jobs/jobs/J9CD658', 'Job J9CD658')
    const summary = page
      .getByRole('row', { name: /^summary/ })
      .getByRole('cell')
      .nth(1)
    expect(await summary.innerText()).toMatch(
      /^We are looking for a Senior Account Executive.*\n\n• Sell\n• Listen & learn/,
    )
  })

  test('the keyboard alone reaches all: skip link, pages with the focus on their title, dialogs that give it back', async () => {
    await page.keyboard.press('Tab')
    expect(await focused('textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await focused('id')).toBe('main')
    await page.getByRole('link', { name: 'acme-jobs' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'acme-jobs' }).waitFor()
    await expect.poll(() => focused('textContent')).toBe('acme-jobs')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(`document.querySelector('dialog').contains(document.activeElement)`)).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => focused('textContent')).toBe('Pause')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await expect.poll(() => focused('textContent')).toBe('Cancel')
    await page.keyboard.press('Tab')
    await expect.poll(() => focused('textContent')).toBe('Pause it')
    await page.keyboard.press('Enter')
    await page
      .locator('.notice')
      .getByText(/is paused/)
      .waitFor()
    expect(server.changes).toHaveLength(1)
  })

  test('what has the focus shows it', async () => {
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid')
  })
})
