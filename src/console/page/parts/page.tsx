import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { RefusalError } from '../api.js'

export interface Crumb {
  word: string
  href: string
}

interface PageProps {
  title: string
  crumbs: readonly Crumb[]
  /** Beside the title. */
  badge?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}

let shown = false

/** A page: where it is, what it is called, what can be done, and what it holds. Who comes from another page is put at its title. */
export function Page({ title, crumbs, badge, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · hrflow-connectors`
  }, [title])
  useEffect(() => {
    if (shown) {
      scrollTo(0, 0)
      heading.current?.focus({ preventScroll: true })
    }
    shown = true
  }, [])
  return (
    <main id="main" tabIndex={-1}>
      <div class="head">
        <div class="head-inner">
          {crumbs.length > 0 && <Crumbs crumbs={crumbs} title={title} />}
          <div class="title">
            <h1 tabIndex={-1} ref={heading}>
              {title}
            </h1>
            {badge}
          </div>
          {actions && <div class="head-actions">{actions}</div>}
        </div>
      </div>
      <div class="content">{children}</div>
    </main>
  )
}

function Crumbs({ crumbs, title }: { crumbs: readonly Crumb[]; title: string }) {
  return (
    <nav aria-label="Breadcrumbs" class="crumbs-nav">
      <ol class="crumbs">
        {crumbs.map(({ word, href }) => (
          <li key={href}>
            <a href={href}>{word}</a>
          </li>
        ))}
        <li>
          <span aria-current="page">{title}</span>
        </li>
      </ol>
    </nav>
  )
}

interface PanelProps {
  title: string
  /** Beside the title. */
  aside?: ComponentChildren
  foot?: ComponentChildren
  /** Its content stands without a margin, as a table does. */
  flush?: boolean
  children: ComponentChildren
}

export function Panel({ title, aside, foot, flush, children }: PanelProps) {
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {flush ? children : <div class="panel-body">{children}</div>}
      {foot && <div class="panel-foot">{foot}</div>}
    </section>
  )
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="panel">
      <div class="skeleton" role="status" aria-label="Loading">
        {Array.from({ length: lines }, (_, at) => (
          <span key={at} />
        ))}
      </div>
    </div>
  )
}

export function Trouble({ error, again }: { error: RefusalError; again?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p>{error.message}</p>
      {error.hint && <p>{error.hint}</p>}
      {again && (
        <div class="actions">
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
    </div>
  )
}

/** There is nothing, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}
