import { z } from 'zod'
import { batchSchema } from '../src/core/language/batch.ts'
import { manifestSchema } from '../src/core/language/manifest.ts'
import { notAppliedKeys } from '../src/core/language/not-applied.ts'
import { notBuiltKeys, notBuiltKinds } from '../src/core/language/not-built.ts'
import { profileSchema } from '../src/core/language/profile.ts'
import { vmware2scwPlanSchema } from '../src/core/language/vmware2scw.ts'
import { workspaceSchema } from '../src/core/language/workspace.ts'
import { type JsonSchema, type Row, resolved, rowsOf } from './schema-table.ts'

interface Page {
  readonly title: string
  readonly about: string
  readonly schema: JsonSchema
  /** The keys of it that have the page; all without it. */
  readonly keys?: readonly string[]
  /** Whose members are those of a manifest, but for these. */
  readonly partly?: Readonly<Record<string, readonly string[]>>
}

const json = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' }) as JsonSchema

const manifest = json(manifestSchema)
// Parts of a manifest that have a page of their own.
const apart: Readonly<Record<string, string>> = {
  network_mapping: 'mappings',
  network_limits: 'mappings',
  storage_mapping: 'mappings',
  hooks: 'hooks',
  configuration: 'configuration',
  libvirt_integration: 'libvirt_integration',
  scaleway: 'scaleway',
}
const keysOf = (page: string) => Object.keys(apart).filter((key) => apart[key] === page)
const part = (title: string, about: string): Page => ({ title, about, schema: manifest, keys: keysOf(title) })

const pages: readonly Page[] = [
  {
    title: 'workspace',
    about: '`h2k.yaml`, at the root of a [workspace](../workspace.md).',
    schema: json(workspaceSchema),
  },
  { title: 'manifest', about: 'One machine: a [manifest](../manifest.md).', schema: manifest },
  {
    title: 'profile',
    about: '`profiles/NAME.yaml`: any part of a manifest, for many machines. See [layers](../layers.md).',
    schema: json(profileSchema),
    keys: ['extends', 'description', 'when'],
    partly: { when: ['when[].os'] },
  },
  {
    title: 'batch',
    about: '`batches/NAME.yaml`: several machines with what they share. See [batches](../batches.md).',
    schema: json(batchSchema),
    partly: { shared_config: ['shared_config.output_directory'] },
  },
  part('mappings', 'What of the target stands for what of the source. See [mappings](../mappings.md).'),
  part('hooks', 'Your own programs on the way of a machine. See [hooks](../hooks.md).'),
  part('configuration', 'What is set up in the guest. See [the guest](../guest.md).'),
  part('libvirt_integration', 'How a machine is put into libvirt.'),
  part('scaleway', 'How a machine becomes an instance of Scaleway.'),
  {
    title: 'vmware2scw',
    about: 'A plan of vmware2scw, version 1, as `include` may find it.',
    schema: json(vmware2scwPlanSchema),
  },
]

/** The pages of `docs/language/reference`, by file name. */
export function referencePages(): Readonly<Record<string, string>> {
  return Object.fromEntries(pages.map((page) => [`${page.title}.md`, pageText(page)]))
}

function pageText(page: Page): string {
  const { title, about, schema, keys, partly = {} } = page
  const wanted = Object.entries(schema.properties ?? {}).filter(([key]) => {
    return key !== '$schema' && (keys === undefined || keys.includes(key))
  })
  const own = new Set(
    title === 'manifest' ? Object.keys(apart) : ['defaults.network_mapping', 'defaults.storage_mapping'],
  )
  const plain: Row[] = []
  const sections: string[] = []
  for (const [key, member] of wanted) {
    const only: JsonSchema = { properties: { [key]: member }, required: schema.required ?? [] }
    const [row, ...all] = rowsOf(only, schema, '', own)
    if (!row) continue
    const members = all.filter((each) => partly[key]?.includes(each.key) ?? true)
    if (keys === undefined || title === 'profile') plain.push(row)
    if (key === 'hooks' && keys) sections.push(...hookSections(member, schema))
    else if (members.length > 0) sections.push(`## \`${key}\``, table(members, title))
  }
  // What h2k does not do yet is marked in its own language only.
  const refused = title === 'vmware2scw' ? '' : refusedText(wanted.map(([key]) => key))
  return `${[
    `# ${title}`,
    '<!-- Generated from the schemas by `npm run generate`. -->',
    about,
    ...(plain.length > 0 ? [table(plain, title)] : []),
    ...sections,
    ...(refused === '' ? [] : ['## Not in this version', 'Refused with `NOT_BUILT`:', refused]),
  ].join('\n\n')}\n`
}

// What all types of hooks have is told once.
function hookSections(schema: JsonSchema, root: JsonSchema): readonly string[] {
  const { hook = {} } = root.$defs ?? {}
  const types = (resolved(hook, root).oneOf ?? []).map((type) => ({
    name: type.properties?.type?.const,
    rows: rowsOf(type, root, '', new Set()),
  }))
  const same = (a: Row, b: Row) => JSON.stringify(a) === JSON.stringify(b)
  const shared = (row: Row) => types.every(({ rows }) => rows.some((other) => same(row, other)))
  return [
    '## `hooks`',
    'Each of these is a list of hooks.',
    table(rowsOf(schema, { ...root, $defs: { hook: { type: 'object' } } }, 'hooks.', new Set()), 'hooks'),
    '## Of every hook',
    table((types[0]?.rows ?? []).filter(shared), 'hooks'),
    ...types.flatMap(({ name, rows }) => [
      `## \`type: ${name}\``,
      table(
        rows.filter((row) => !shared(row)),
        'hooks',
      ),
    ]),
  ]
}

function table(rows: readonly Row[], title: string): string {
  const lines = rows.map((row) => {
    const cells = [
      `\`${row.key}\``,
      row.type,
      row.required ? 'required' : row.default === undefined ? '' : `\`${row.default}\``,
      [linked(row, title), row.description, standing(row.key, title)].filter(Boolean).join('; '),
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  })
  return ['| key | value | default | |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function linked({ key }: Row, title: string): string {
  const page = /^(defaults\.)?\w+$/.test(key) ? apart[key.replace('defaults.', '')] : undefined
  return page === undefined || !['manifest', 'workspace'].includes(title) ? '' : `see [${page}](${page}.md)`
}

// Some of their keys are called as those of a manifest, and are others.
const isOther = ['workspace', 'vmware2scw']

/** Whether this version carries a key out. */
function standing(key: string, title: string): string {
  const path = key.replaceAll('[]', '')
  if (!notAppliedKeys.has(path) || isOther.includes(title)) return ''
  return '**not applied by this version**, and the plan says so'
}

function refusedText(tops: readonly string[]): string {
  const ofPage = (path: string) => tops.includes(path.split('.')[0] ?? path)
  const keys = [...notBuiltKeys].filter(([path]) => ofPage(path) && path.includes('.'))
  const kinds = [...notBuiltKinds].flatMap(([path, values]) => {
    return ofPage(path) ? [...values].map(([value, what]) => [`${path}: ${value}`, what] as const) : []
  })
  return [...keys, ...kinds].map(([path, what]) => `- \`${path.replace('.*', '.NAME')}\` (${what})`).join('\n')
}
