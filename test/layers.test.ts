import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const files = globSync('src/**/*.ts')

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const imports: readonly Import[] = files.flatMap((from) => {
  const source = readFileSync(from, 'utf8')
  const statements = source.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm,
  )
  return [...statements].map((match) => {
    const to = match[2] ?? match[3] ?? match[4] ?? ''
    const typeOnly = match[1] !== undefined
    return { from, to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to, typeOnly }
  })
})

const layerOf = (path: string) => path.split('/')[1] ?? ''

/** What a layer may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ['core'],
  render: ['core'],
  app: ['core', 'ports'],
  adapters: ['core', 'ports'],
  cli: ['core', 'ports', 'render', 'app'],
  commands: ['core', 'render', 'app', 'cli'],
}

function breach({ from, to, typeOnly }: Import): string | undefined {
  if (!to.startsWith('src/')) return undefined
  const [source, target] = [layerOf(from), layerOf(to)]
  if (source === target) {
    if (source !== 'adapters') return undefined
    const folder = (path: string) => (path.split('/')[2] ?? '').replace(/\.ts$/, '')
    return folder(from) === folder(to) ? undefined : `${from} reaches into another adapter: ${to}`
  }
  if (mayImport[source]?.includes(target)) return undefined
  if (from === 'src/cli/wiring.ts' && target === 'adapters') return undefined
  if (from === 'src/cli/commands.ts' && target === 'commands') return undefined
  if (source === 'app' && target === 'render' && typeOnly) return undefined
  return `${from} may not import ${to}`
}

describe('layers', () => {
  test('every file lies in a layer', () => {
    expect(files.filter((file) => !(layerOf(file) in mayImport))).toEqual([])
  })

  test('imports follow the table of layers', () => {
    expect(imports.map(breach).filter((text) => text !== undefined)).toEqual([])
  })

  test('core and render know no Node, bar node:crypto', () => {
    const wrong = imports.filter(
      ({ from, to }) => /^src\/(core|render)\//.test(from) && to.startsWith('node:') && to !== 'node:crypto',
    )
    expect(wrong).toEqual([])
  })

  test('listr2 stays in cli', () => {
    expect(imports.filter(({ from, to }) => to === 'listr2' && layerOf(from) !== 'cli')).toEqual([])
  })

  test('no circles', () => {
    const graph = new Map<string, string[]>()
    for (const { from, to, typeOnly } of imports)
      if (!typeOnly && to.startsWith('src/')) graph.set(from, [...(graph.get(from) ?? []), to])
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file) || path.includes(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of graph.keys()) visit(file, [])
    expect(circles).toEqual([])
  })

  test('no file is over 250 lines', () => {
    const long = files.map((file) => [file, readFileSync(file, 'utf8').split('\n').length] as const)
    expect(long.filter(([, lines]) => lines > 250)).toEqual([])
  })
})
