import { stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import { setTimeout as sleep, setImmediate as soon } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { messageOf } from '../core/errors.js'
import type { Callable } from '../core/model/parameters.js'
import { nearest } from '../core/text/did-you-mean.js'
import { namesIn } from './file/files.js'

/** A function of a file cannot be had. */
export class FunctionError extends Error {}

interface Reference {
  /** As it is written. */
  file: string
  path: string
  name: string
}

/** `./logics.ts#onlyEngineering`: a file, from the folder of the workflow file, and what it exports. */
export function referenceOf(text: string, folder: string): Reference {
  const [, file = '', name = ''] = /^(.+)#([^#]+)$/.exec(text.trim()) ?? []
  if (file === '') throw new FunctionError('expected a file and what it exports, as ./functions.ts#name.')
  return { file, path: resolve(folder, file), name }
}

/** That the file is there: what it exports is known only when it is loaded. */
export async function checkReference(text: string, folder: string): Promise<void> {
  const { file, path } = referenceOf(text, folder)
  const found = await stat(path).catch(() => null)
  if (found?.isFile() === true) return
  const meant = nearest(basename(path), await namesIn(dirname(path)))
  throw new FunctionError(`there is no file ${file}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`)
}

/** The function that is referred to. Runs the file's own code. Throws `FunctionError`. */
export async function loadFunction(text: string, folder: string): Promise<Callable> {
  await checkReference(text, folder)
  const { file, path, name } = referenceOf(text, folder)
  const exported = await importFile(path, file)
  const value = exported[name]
  if (isCallable(value)) return value
  if (value !== undefined) throw new FunctionError(`${name} of ${file} is not a function.`)
  const names = Object.keys(exported)
  const meant = nearest(name, names)
  const known = names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`
  throw new FunctionError(`${file} does not export ${name}. ${meant === undefined ? known : `Did you mean ${meant}?`}`)
}

export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function'
}

/** What a program exports. TypeScript is read without being checked. Throws `FunctionError` when it cannot be loaded. */
export async function importFile(path: string, file: string): Promise<Record<string, unknown>> {
  const load = /^\.[mc]?js$/.test(extname(path)) ? importNatively : importTypeScript
  return loading(file, async () => ({ ...(await load(path)) }))
}

const LOADING_MS = 30_000

/** What a program of the user does while it is loaded. Whatever it throws is a `FunctionError`, and so is that it never ends. */
export async function loading<T>(file: string, load: () => Promise<T>): Promise<T> {
  const late = new AbortController()
  const limit = sleep(LOADING_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`it takes longer than ${LOADING_MS / 1000} s`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([withoutEcho(load), limit])
  } catch (error) {
    throw new FunctionError(`${file} cannot be loaded: ${messageOf(error).split('\n').join(' ').replace(/\.?$/, '.')}`)
  } finally {
    late.abort()
  }
}

/**
 * Where a module in CommonJS cannot be loaded, Node 20 lets a second promise of its own fail with the same error, which nobody
 * can await and which would end the process. Any other promise that fails meanwhile is left to whoever watches for it.
 */
async function withoutEcho<T>(load: () => Promise<T>): Promise<T> {
  const heard: unknown[] = []
  const hear = (reason: unknown) => void heard.push(reason)
  let thrown: unknown
  process.on('unhandledRejection', hear)
  try {
    return await load()
  } catch (error) {
    thrown = error
    // Its echo comes once all that is due has been done.
    await soon()
    throw error
  } finally {
    process.off('unhandledRejection', hear)
    const others = heard.filter((reason) => reason !== thrown)
    if (process.listenerCount('unhandledRejection') === 0)
      for (const reason of others) void Promise.reject(asError(reason))
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(messageOf(reason))
}

/** What CommonJS exports stands below `default` too. */
async function importNatively(path: string): Promise<object> {
  const loaded = z.looseObject({}).parse(await import(pathToFileURL(path).href))
  const whole: unknown = Reflect.get(loaded, 'default')
  return { ...(typeof whole === 'object' ? whole : {}), ...loaded }
}

async function importTypeScript(path: string): Promise<object> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(path, {
    // Nothing is written to the disk, and the package is found also where it is not installed beside the file.
    fsCache: false,
    interopDefault: false,
    alias: { 'hrflow-connectors': fileURLToPath(new URL('../index', import.meta.url)) },
  })
  return jiti.import<object>(path)
}
