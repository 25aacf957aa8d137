// The console as people meet it: the built command, its own server, and a history that real runs have made.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command, type Running } from '../support/command.js'
import { axeFinds, goTo, hasNoBrowser, openBrowser, openPage, overflow, type Seen } from '../support/console/browser.js'

describe.skipIf(hasNoBrowser)('console --demo', () => {
  let running: Running
  let browser: Browser
  let seen: Seen
  let page: Page
  beforeAll(async () => {
    running = command(['console', '--demo', '--port', '0'], {})
    browser = await openBrowser()
    seen = await openPage(browser, await addressOf(running))
    page = seen.page
    page.setDefaultTimeout(20_000)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    running.child.kill('SIGINT')
    const { stdout, stderr } = await running.ended
    expect(`${stdout}${stderr}`).not.toMatch(/error:/i)
  }, 60_000)

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const agree = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
  const said = (text: RegExp) => page.locator('.notice').getByText(text).waitFor()
  const title = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

  test('the token is gone from the address, and home shows four workflows, of which three want attention', async () => {
    await page.getByRole('row', { name: /acme-jobs/ }).waitFor()
    expect(page.url()).not.toContain('token')
    expect(await page.locator('.attention li').count()).toBe(3)
    expect(await axeFinds(page)).toEqual([])
  })

  test('a workflow that fails shows why, its pending items and its history; they are tried again', async () => {
    await goTo(page, '#/workflows/northwind-jobs', 'northwind-jobs')
    await page.getByRole('img', { name: /^Items by outcome of the last \d+ runs/ }).waitFor()
    expect(await axeFinds(page)).toEqual([])
    await press('Try all again')
    await agree('Try again')
    await said(/^\d+ items will be tried by the next run/)
  })

  test('a run is started, followed to its end, and its counters add up to a picture', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await press('Full run')
    await agree('Run it in full')
    await title(/^Full run of/)
    await page.getByRole('heading', { name: 'What became of the jobs' }).waitFor({ timeout: 60_000 })
    await page.locator('.status').getByText('Success').waitFor()
    expect(await axeFinds(page)).toEqual([])
  })

  test('failures of a run lead to a job, which is shown on all sides', async () => {
    await goTo(page, '#/workflows/northwind-jobs', 'northwind-jobs')
    await page.getByRole('table', { name: 'Runs' }).getByRole('link').first().click()
    const failures = page.getByRole('table', { name: 'Failures' })
    await failures.getByRole('link').first().click()
    await title(/^Job /)
    await page.getByRole('heading', { name: 'Its life' }).waitFor()
    await page.getByLabel('Show what is alike, too').check()
    expect(await page.locator('.timeline li').count()).toBeGreaterThan(2)
    expect(await axeFinds(page)).toEqual([])
  })

  test('a plan tells what would be archived, and is run with what is held let go', async () => {
    await goTo(page, '#/workflows/initech-jobs', 'initech-jobs')
    await press('Plan')
    await agree('Make the plan')
    await page.getByRole('heading', { name: 'What would change in HrFlow' }).waitFor({ timeout: 60_000 })
    expect(await axeFinds(page)).toEqual([])
    await press('Run it now')
    await page.getByRole('dialog').getByRole('checkbox').check()
    await agree('Run it now')
    await page.getByRole('heading', { name: 'What became of the jobs' }).waitFor({ timeout: 60_000 })
    await page.locator('.flow').getByText('Archived').waitFor()
  })

  test('an expression is tried with a real job', async () => {
    await goTo(page, '#/workflows/northwind-jobs/mapping', 'Mapping')
    const expression = page.getByLabel('Expression (JSONata)').first()
    await expression.fill('$uppercase(title)')
    await page
      .locator('.result')
      .first()
      .getByText(/^[^a-z]+$/)
      .waitFor()
    await expression.fill('(title')
    await page.locator('.result.bad').first().waitFor()
    expect(await axeFinds(page)).toEqual([])
  })

  test('what is not served cannot be paused, and the list of changes names all that was done by hand', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await page.getByRole('button', { name: 'Run now' }).waitFor()
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
    await goTo(page, '#/audit', 'Changes by hand')
    const rows = page.getByRole('table', { name: 'Changes by hand' })
    for (const what of ['Asked for a plan', 'Asked to try again', 'Started a full run']) {
      await rows.getByText(what, { exact: true }).first().waitFor()
    }
  })

  test('a workflow is set up, checked field by field, and saved to the file', async () => {
    await goTo(page, '#/setup', 'Set up a workflow')
    await page.getByLabel('Name', { exact: false }).first().fill('fifth-jobs')
    await page.getByLabel('State').selectOption('published')
    await page.locator('.field .verdict.good').first().waitFor({ timeout: 30_000 })
    expect(await axeFinds(page)).toEqual([])
    await press('Save it to the file')
    await agree('Save it to the file')
    await title('fifth-jobs')
    await page.getByText('It never ran').waitFor()
  })

  test('nothing was refused by the policy, asked of elsewhere, or wider than a phone', async () => {
    await page.setViewportSize({ width: 360, height: 800 })
    for (const [hash, name] of [
      ['#/', 'Workflows'],
      ['#/workflows/northwind-jobs', 'northwind-jobs'],
      ['#/setup', 'Set up a workflow'],
    ] as const) {
      await goTo(page, hash, name)
      expect(await overflow(page)).toBe(0)
    }
    expect(seen.wrong).toEqual([])
  })
})

/** Where the console says that it is, once its history is made. */
async function addressOf({ said, ended }: Running): Promise<string> {
  const over = ended.then(() => true)
  for (;;) {
    const address = /http:\/\/\S+\?token=\S+/.exec(said.stdout + said.stderr)?.[0]
    if (address !== undefined) return address
    if (await Promise.race([over, sleep(50, false)])) throw new Error(`The console ended: ${said.stderr}`)
  }
}
