import {
  AssertionError,
  type Emitter,
  Liquid,
  Context as LiquidContext,
  LiquidError,
  type Template,
  toValueSync,
} from 'liquidjs'
import { nearest } from './nearest.ts'

/** Something wrong in a template, at a line and column of its text, counted from 1. */
export interface TemplateFault {
  readonly summary: string
  readonly hint?: string
  readonly line: number
  readonly column: number
}

/** `url` encodes every value as a part of a URL, so that no value can add a path, a query or a host. */
export type TemplateKind = 'text' | 'url'

// What reads files, or prints past the encoding of values, is not there.
const tagNames = ['assign', 'break', 'case', 'comment', 'continue', 'for', 'if', 'raw', 'unless', '#']
const maxTemplateCharacters = 64 * 1024
const maxOutputCharacters = 1024 * 1024
const maxAllocations = 4 * 1024 * 1024
const maxMilliseconds = 1000

const engines = { text: createEngine(plain), url: createEngine(urlPart) }

function createEngine(outputEscape: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // What is not known is the empty text, and `when: batch_id` has to mean that there is one.
    jsTruthy: true,
    outputEscape,
    templates: {},
    locale: 'en-US',
    timezoneOffset: 0,
    parseLimit: maxTemplateCharacters,
    memoryLimit: maxAllocations,
    renderLimit: maxMilliseconds,
  })
  for (const name of Object.keys(engine.tags)) if (!tagNames.includes(name)) delete engine.tags[name]
  for (const name of ['raw', 'sample']) engine.unregisterFilter(name)
  for (const name of ['url_encode', 'cgi_escape']) {
    const filter = engine.filters[name]
    // It encodes already: once more would break it.
    if (typeof filter === 'function') engine.registerFilter(name, { handler: filter, raw: true })
  }
  return engine
}

function plain(value: unknown): string {
  // LiquidJS has objects of its own for `nil` and `empty`, which stand for plain values.
  const bare = value?.valueOf() ?? ''
  if (typeof bare === 'object') throw new Error('a list or a map cannot be printed: end it with | json')
  return String(bare)
}

function urlPart(value: unknown): string {
  return encodeURIComponent(plain(value).toWellFormed())
}

/** @throws whatever LiquidJS throws: see `faultOf` */
export function parseTemplate(text: string, kind: TemplateKind = 'text'): Template[] {
  return engines[kind].parse(text)
}

/** Renders within bounds of time, memory and output. */
export function renderParsed(templates: Template[], context: object, kind: TemplateKind = 'text'): string {
  const engine = engines[kind]
  const output = boundedEmitter()
  const scope = new LiquidContext(context, engine.options, { sync: true }, { liquid: engine })
  toValueSync(engine.renderer.renderTemplates(templates, scope, output))
  return output.buffer
}

function boundedEmitter(): Emitter {
  const emitter: Emitter = {
    buffer: '',
    write(value: unknown) {
      emitter.buffer += String(value ?? '')
      if (emitter.buffer.length > maxOutputCharacters) throw new Error(`more than ${maxOutputCharacters} characters`)
    },
  }
  return emitter
}

/** What LiquidJS says, in a user's words; undefined when it is no error of its own. */
export function faultOf(error: unknown): TemplateFault | undefined {
  // Its walk through the finished template overflows the stack without an error of its own.
  if (error instanceof AssertionError || error instanceof RangeError)
    return { ...inWords(error.message), line: 1, column: 1 }
  if (!LiquidError.is(error)) return undefined
  const { token, originalError, message } = error
  const [line = 1, column = 1] = token.getPosition()
  const plainMessage = originalError?.message ?? message.replace(/(, file:.*)?, line:\d+, col:\d+$/, '')
  return { ...inWords(plainMessage), line, column }
}

function inWords(message: string): Omit<TemplateFault, 'line' | 'column'> {
  const tag = /^tag "(.*)" not found$/s.exec(message)?.[1]
  if (tag !== undefined) {
    const hint = `there are ${tagNames.filter((name) => name !== '#').join(', ')}`
    return { summary: `there is no tag "${tag}" in a hook's template`, hint }
  }
  const filter = /^undefined filter: (.*)$/s.exec(message)?.[1]
  if (filter !== undefined) {
    const near = nearest(filter, Object.keys(engines.text.filters))
    return { summary: `there is no filter "${filter}"`, ...(near ? { hint: `did you mean "${near}"?` } : {}) }
  }
  if (message === 'expected "|" before filter') {
    return {
      summary: 'what stands here is no operator',
      hint: 'compare with ==, !=, <, >, contains; a filter follows |',
    }
  }
  if (message === 'Maximum call stack size exceeded') return { summary: 'nested too deeply' }
  const name = /^undefined variable: (.*)$/s.exec(message)?.[1]
  if (name !== undefined) return { summary: `unknown name "${name}"` }
  const limit = /^(parse length|template render|memory alloc) limit exceeded$/.exec(message)?.[1]
  if (limit === 'parse length') return { summary: `longer than ${maxTemplateCharacters} characters` }
  if (limit !== undefined) return { summary: 'takes too much time or memory', hint: 'make its loops shorter' }
  return { summary: message }
}
