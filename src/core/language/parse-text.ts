import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { type Place, type Problem, ProblemError } from '../problem.ts'

const maxBytes = 4 * 1024 * 1024
const maxDepth = 100

/** How a file of the workspace is written; told by its name. */
export type Syntax = 'yaml' | 'json'

export function syntaxOf(file: string): Syntax {
  return file.endsWith('.json') ? 'json' : 'yaml'
}

/**
 * Parses YAML 1.2 or JSON to plain data, without positions: those are looked up only when there is something to say.
 * @throws ProblemError SYNTAX, ENCODING, FILE_TOO_LARGE, at line and column
 */
export function parseText(content: Uint8Array, file: string): unknown {
  const text = decode(content, file)
  if (syntaxOf(file) === 'json') {
    try {
      return JSON.parse(text)
    } catch {
      throw new ProblemError(jsonProblems(text, file))
    }
  }
  refuseDepth(text, file)
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true })
  if (document.errors.length > 0)
    throw new ProblemError(document.errors.map((error) => syntaxProblem(error, counter, file)))
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw new ProblemError([{ severity: 'error', code: 'SYNTAX', summary: messageOf(error), at: { file } }], {
      cause: error,
    })
  }
}

/** Where the value at `path` stands in a text that parses; the nearest parent where the value itself is not there. */
export function locate(content: Uint8Array, file: string, path: readonly PropertyKey[]): Place {
  const counter = new LineCounter()
  const document = parseDocument(decode(content, file), { lineCounter: counter, prettyErrors: false, stringKeys: true })
  let here: unknown = document.contents
  let offset = rangeStart(here) ?? 0
  for (const part of path) {
    if (isMap(here)) {
      const pair = here.items.find((item) => isScalar(item.key) && item.key.value === part)
      if (!pair) break
      offset = rangeStart(pair.key) ?? offset
      here = pair.value
    } else if (isSeq(here) && typeof part === 'number') {
      here = here.items[part]
      offset = rangeStart(here) ?? offset
    } else break
  }
  const { line, col } = counter.linePos(offset)
  return { file, line, column: col }
}

function decode(content: Uint8Array, file: string): string {
  if (content.byteLength > maxBytes) {
    throw new ProblemError([
      {
        severity: 'error',
        code: 'FILE_TOO_LARGE',
        summary: `the file has ${content.byteLength} bytes, more than the ${maxBytes} that a manifest may have`,
        hint: 'split it, or leave it out of include',
        at: { file },
      },
    ])
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (error) {
    const summary = 'the file is not UTF-8 text'
    throw new ProblemError(
      [{ severity: 'error', code: 'ENCODING', summary, hint: 'save it as UTF-8', at: { file, line: 1, column: 1 } }],
      { cause: error },
    )
  }
}

// The composer recurses: what is nested so deep is no manifest, and would end in a stack overflow.
function refuseDepth(text: string, file: string): void {
  let flow = 0
  let line = 0
  for (const content of text.split('\n')) {
    line++
    const indentation = content.length - content.trimStart().length
    const inline = content.match(/^[\s?:-]*/)?.[0].match(/[?:-]\s/g)?.length ?? 0
    for (const character of content) {
      if (character === '[' || character === '{') flow++
      if (character === ']' || character === '}') flow = Math.max(0, flow - 1)
      if (flow > maxDepth) break
    }
    if (flow > maxDepth || indentation > 20 * maxDepth || inline > maxDepth) {
      const summary = `nested more than ${maxDepth} levels deep`
      throw new ProblemError([{ severity: 'error', code: 'SYNTAX', summary, at: { file, line, column: 1 } }])
    }
  }
}

function syntaxProblem(error: YAMLError, counter: LineCounter, file: string): Problem {
  const { line, col } = counter.linePos(error.pos[0])
  return { severity: 'error', code: 'SYNTAX', summary: messageOf(error), at: { file, line, column: col } }
}

// JSON.parse tells no line: the YAML parser, which reads all of JSON, does, and it sees most of what JSON forbids.
function jsonProblems(text: string, file: string): Problem[] {
  const comment = commentPlace(text)
  if (comment) {
    const summary = 'JSON has no comments'
    return [
      {
        severity: 'error',
        code: 'SYNTAX',
        summary,
        hint: 'remove it, or save the file as YAML',
        at: { file, ...comment },
      },
    ]
  }
  refuseDepth(text, file)
  const counter = new LineCounter()
  const { errors } = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true })
  if (errors[0]) return [syntaxProblem(errors[0], counter, file)]
  return [
    { severity: 'error', code: 'SYNTAX', summary: `not JSON: ${jsonMessage(text)}`, at: { file, line: 1, column: 1 } },
  ]
}

function jsonMessage(text: string): string {
  try {
    JSON.parse(text)
    return 'valid'
  } catch (error) {
    return messageOf(error)
  }
}

function commentPlace(text: string): { line: number; column: number } | undefined {
  const lines = text.split('\n')
  const line = lines.findIndex((content) => /^\s*(#|\/\/)/.test(content))
  return line === -1 ? undefined : { line: line + 1, column: (lines[line]?.search(/\S/) ?? 0) + 1 }
}

function rangeStart(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] } | null | undefined)?.range
  return range?.[0]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
