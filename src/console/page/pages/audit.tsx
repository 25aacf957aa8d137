import { usePages } from '../paged.js'
import { AuditTable } from '../parts/audit-table.js'
import { More } from '../parts/more.js'
import { Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { to } from '../router.js'
import { countOf } from '../words.js'

export function AuditPage() {
  const { pages, error, reload, more, busy } = usePages('audit', '/audit')
  const entries = pages?.flatMap((page) => page.entries) ?? []
  return (
    <Page title="Changes by hand" crumbs={[{ word: 'Workflows', href: to([]) }]}>
      {error && <Trouble error={error} again={reload} />}
      {pages ? (
        <Panel
          title="Who changed what, newest first"
          flush
          foot={
            entries.length > 0 && <More more={more} busy={busy} shown={`${countOf(entries.length, 'change')} shown`} />
          }
        >
          <AuditTable entries={entries} />
        </Panel>
      ) : (
        !error && <Skeleton />
      )}
    </Page>
  )
}
