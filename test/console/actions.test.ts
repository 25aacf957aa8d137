// What can be done on each page: it asks first, sends what it said, and says what happened.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { goTo, hasNoBrowser, openBrowser, openPage, type Seen } from '../support/console/browser.js'
import { LIVE, PLANNED, type StandIn, startStandIn } from '../support/console/stand-in.js'

describe.skipIf(hasNoBrowser)('actions', () => {
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
  })
  afterEach(async () => {
    await page.context().close()
    await server.close()
    expect(seen.wrong).toEqual([])
  })

  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()
  const dialog = () => page.getByRole('dialog')
  const agree = (name: string) => dialog().getByRole('button', { name, exact: true }).click()
  const said = (text: string | RegExp) => page.locator('.notice').getByText(text).waitFor()
  const title = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

  test('home shows what wants attention, with what to do, before all workflows', async () => {
    const first = page.locator('.attention li').first()
    await first.getByText('Make a new token in the settings of Workable').waitFor()
    expect(await page.locator('.attention li').count()).toBe(3)
    expect(
      await page
        .getByRole('row', { name: /acme-jobs/ })
        .getByRole('img')
        .getAttribute('aria-label'),
    ).toMatch(/^Last 20 runs: /)
    await first.getByRole('link', { name: 'initech-careers', exact: true }).click()
    await title('initech-careers')
  })

  test('home without a workflow leads to set-up', async () => {
    server.home = { ...server.home, attention: [], workflows: [] }
    await page.reload()
    await page.getByRole('link', { name: 'Set up the first workflow' }).click()
    await title('Set up a workflow')
  })

  test.each([
    ['Run now', 'Run it now', { kind: 'run' }],
    ['Full run', 'Run it in full', { kind: 'full' }],
    ['Dry run', 'Start the dry run', { kind: 'dry' }],
  ])('%s asks, starts it, and goes to where it is watched', async (button, yes, body) => {
    await goTo(page, '#/workflows/globex-jobs', 'globex-jobs')
    await press(button)
    expect(server.changes).toEqual([])
    await agree(yes)
    await said(/of globex-jobs has begun/)
    await title(/^Run of/)
    expect(server.changes).toEqual([{ path: '/api/workflows/globex-jobs/runs', body }])
  })

  test('Plan of a few jobs leads to the plan, which is shown field by field, and is run from there', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await press('Plan')
    await dialog().getByLabel('At most so many jobs').fill('25')
    await agree('Make the plan')
    await title(/^Plan of/)
    const job = page.getByRole('article', { name: 'Account Executive' })
    expect(await job.locator('del').first().innerText()).toContain('Account Executive')
    expect(await job.locator('ins').first().innerText()).toContain('Senior Account Executive')
    expect(await job.locator('ins').nth(1).innerText()).toContain('• Listen & learn')
    await press('3 Archive')
    expect(await page.getByRole('article').count()).toBe(2)
    await press('Run it now')
    await dialog().getByRole('checkbox').check()
    await agree('Run it now')
    await title(/^Run of/)
    expect(server.changes.map(({ body }) => body)).toEqual([
      { kind: 'plan', limit: 25 },
      { kind: 'run', allow_left: true },
    ])
  })

  test('what left is let go only where something is held, and only when that is ticked', async () => {
    await goTo(page, '#/workflows/umbrella-jobs', 'umbrella-jobs')
    await press('Run now')
    await dialog().getByRole('checkbox').check()
    await agree('Run it now')
    await title(/^Run of/)
    expect(server.changes[0]?.body).toEqual({ kind: 'run', allow_left: true })
  })

  test('a workflow is paused and resumed', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await press('Pause')
    await agree('Pause it')
    await said(/acme-jobs is paused/)
    await goTo(page, '#/workflows/hooli-import', 'hooli-import')
    await press('Resume')
    await agree('Resume it')
    await said(/hooli-import is resumed/)
    expect(server.changes.map(({ path }) => path)).toEqual([
      '/api/workflows/acme-jobs/pause',
      '/api/workflows/hooli-import/resume',
    ])
  })

  test('Cancel, and Escape, change nothing', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    await press('Run now')
    await agree('Cancel')
    await press('Pause')
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect(server.changes).toEqual([])
  })

  test('what the server refuses is told in the dialog, with what to do', async () => {
    await goTo(page, '#/workflows/acme-jobs', 'acme-jobs')
    server.refuse('acme-jobs is running already.', 'Wait for its end.')
    await press('Run now')
    await agree('Run it now')
    await dialog().getByText('acme-jobs is running already.').waitFor()
    await dialog().getByText('Wait for its end.').waitFor()
    await agree('Run it now')
    await title(/^Run of/)
  })

  test('pending items are filtered, picked, tried again and dismissed', async () => {
    await goTo(page, '#/workflows/globex-jobs', 'globex-jobs')
    const rows = page.getByRole('table', { name: 'Pending items' }).getByRole('row')
    await page.getByLabel('Stage').selectOption('load')
    await expect.poll(() => rows.getByText('http_422').count()).toBe(0)
    expect(await rows.getByText('http_503').count()).toBeGreaterThan(0)
    await rows.getByRole('checkbox').nth(0).check()
    await rows.getByRole('checkbox').nth(1).check()
    await press('Try 2 again')
    await agree('Try again')
    await said(/^2 items will be tried/)
    await press('Dismiss all')
    await agree('Dismiss')
    await said(/^Dismissed: 130 items/)
    const bodies = server.changes.map(({ body }) => body)
    expect(bodies).toEqual([
      { references: ['J9CD658', 'J9D7103'], change: 'retry' },
      { references: null, change: 'dismiss' },
    ])
  })

  test('a run is followed live, can be stopped, and shows its counters at the end', async () => {
    await goTo(page, `#/runs/${LIVE}`, /^Run of/)
    await page.getByText('486 of 1,240 items done').waitFor()
    await server.progress({ done: 900, eta_ms: 42_000 })
    await page.getByText('900 of 1,240 items done').waitFor()
    await page.getByText('about 42 s left, at 8.7 items a second').waitFor()
    await page.getByRole('img', { name: 'Requests in the last 30 slots, 9 in the newest' }).waitFor()
    await press('Stop the run')
    await agree('Stop it')
    await said(/The run is stopping/)
    expect(server.changes).toEqual([{ path: `/api/runs/${LIVE}/stop`, body: {} }])
    await server.end()
    await page.getByRole('heading', { name: 'What became of the jobs' }).waitFor()
    expect(await page.getByRole('button', { name: 'Stop the run' }).count()).toBe(0)
  })

  test('the way of the items adds up, and failures are grouped, filtered and given as files', async () => {
    await goTo(page, '#/runs/globex-jobs-0001', /^Full run of/)
    await page.getByText('The counters, and how they add up').click()
    const sums = await page.locator('details').first().getByRole('paragraph').allInnerTexts()
    expect(sums.filter((sum) => sum.includes('='))).toHaveLength(2)
    for (const sum of sums.filter((text) => text.includes('='))) {
      const [whole = 0, ...parts] = [...sum.matchAll(/[\d,]+/g)].map(([digits]) => Number(digits.replaceAll(',', '')))
      expect(parts.reduce((total, part) => total + part, 0)).toBe(whole)
    }
    await press('61 Mapping format_invalid')
    const rows = page.getByRole('table', { name: 'Failures' }).getByRole('row')
    await expect.poll(() => rows.getByText('http_422').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'CSV' }).getAttribute('href')).toBe(
      '/api/runs/globex-jobs-0001/failures.csv',
    )
    expect(await page.getByRole('link', { name: 'JSON' }).getAttribute('href')).toBe(
      '/api/runs/globex-jobs-0001/failures.json',
    )
    await press('61 Mapping format_invalid')
    await page.getByLabel('Reference or message').fill('J9CD658')
    await expect.poll(() => rows.count()).toBe(2)
  })

  test('more of a list is shown when it is asked for', async () => {
    await goTo(page, '#/audit', 'Changes by hand')
    await page.getByText('50 changes shown').waitFor()
    await press('Show more')
    await page.getByText('63 changes shown').waitFor()
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
  })

  test('a job is picked by its reference, and shown on three sides', async () => {
    await goTo(page, '#/workflows/globex-jobs/jobs', 'Find a job')
    await page.getByRole('searchbox', { name: 'Reference' }).fill('J9')
    await expect.poll(() => page.locator('.chips li').count()).toBe(1)
    await page.getByRole('link', { name: 'J9CD658' }).click()
    await title('Job J9CD658')
    const rows = page.getByRole('table', { name: /^The job at its origin/ }).getByRole('row')
    expect(await rows.count()).toBe(5)
    await page.getByLabel('Show what is alike, too').check()
    expect(await rows.count()).toBe(9)
    expect(await page.locator('.timeline li').count()).toBe(4)
  })

  test('an expression is tried as it is written, and what is wrong with it stands below it', async () => {
    await goTo(page, '#/workflows/globex-jobs/mapping', 'Mapping')
    const name = page.getByLabel('Expression (JSONata)').first()
    await name.fill('$uppercase(title)')
    await page.locator('.result').getByText('value of $uppercase(title)').waitFor()
    await page.getByRole('button', { name: 'Insert salary.salary_from' }).click()
    expect(await name.inputValue()).toBe('$uppercase(title) salary.salary_from')
    await name.fill('((title')
    await page.locator('.result').getByText('Expected ")"').waitFor()
    expect(await name.getAttribute('aria-invalid')).toBe('true')
    await name.fill("title & ' it''s'")
    await page.getByText("name: 'title & '' it''''s'''").waitFor()
    await page.getByLabel('Job', { exact: true }).selectOption('JB1000')
    await expect.poll(() => page.url()).toContain('reference=JB1000')
    expect(server.changes).toEqual([])
  })

  test('a workflow is set up: fields are checked where they stand, and no secret is asked for', async () => {
    await goTo(page, '#/setup', 'Set up a workflow')
    expect(await page.getByRole('button', { name: 'Save it to the file' }).isDisabled()).toBe(true)
    await page.getByRole('link', { name: 'The key of the board is missing.' }).click()
    await page.keyboard.type('b0a7d2f5')
    await page.getByLabel('Name').fill('acme-jobs')
    await page.getByText('There is a workflow acme-jobs already.').waitFor()
    await page.getByLabel('Name').fill('new-jobs')
    await page.getByLabel('API access token').fill('MY_TOKEN')
    await page.getByLabel('API secret').fill('/run/secrets/hrflow')
    await page.getByLabel('Details').selectOption('after')
    await page.locator('[id="push_parameters.board_key-said"]').getByText('No board has this key.').waitFor()
    await page.locator('[id="connector_auth.api_access_token-said"]').getByText('Workable takes the token.').waitFor()
    expect(await page.getByLabel('The workflow as YAML').innerText()).toContain('${MY_TOKEN}')
    await press('Save it to the file')
    await agree('Save it to the file')
    await said(/^new-jobs is saved/)
    expect(server.changes).toEqual([
      {
        path: '/api/setup/save',
        body: {
          target: 'file',
          draft: {
            ...{ workflow_id: 'new-jobs', action: 'workable.update_jobs_in_hrflow', incremental: true },
            ...{ schedule: '*/15 * * * *', full_schedule: '30 2 * * 0' },
            groups: {
              push_parameters: { board_key: 'b0a7d2f5' },
              connector_auth: { api_access_token: '${MY_TOKEN}' },
              hrflow_auth: { api_secret: '${file:/run/secrets/hrflow}' },
              pull_parameters: { details: 'after' },
            },
          },
        },
      },
    ])
  })

  test('a plan that is no longer remembered says so', async () => {
    await goTo(page, '#/runs/acme-jobs-0001/plan', /^Plan of/)
    await page.getByText('This plan is no longer remembered').waitFor()
    await goTo(page, `#/runs/${PLANNED}`, /^Dry run of/)
    await page.getByRole('link', { name: 'See the plan' }).click()
    await title(/^Plan of/)
  })
})
