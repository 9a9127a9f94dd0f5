import { hookPoints } from '../hook.ts'
import type { TemplateFault } from '../liquid.ts'
import { printable } from '../printable.ts'
import { checkCondition, checkTemplate } from '../template.ts'
import type { Issue } from './check.ts'
import type { ManifestHooks } from './hooks.ts'

// The texts of a hook that are templates; `when` is a bare condition.
const templates = ['args', 'env', 'working_directory', 'url', 'headers', 'body']

/** What is wrong with the templates of a manifest's hooks, which lie at `path` in it. */
export function hookTemplateIssues(hooks: ManifestHooks, path: readonly PropertyKey[] = ['hooks']): readonly Issue[] {
  return hookPoints.flatMap((point) =>
    (hooks[point] ?? []).flatMap((hook, index) => {
      const at = [...path, point, index]
      const condition = hook.when === undefined ? [] : issuesAt([...at, 'when'], checkCondition(hook.when))
      const texts = Object.entries(hook).filter(([key]) => templates.includes(key))
      return [...condition, ...texts.flatMap(([key, value]) => issuesIn(value, [...at, key]))]
    }),
  )
}

function issuesIn(value: unknown, path: readonly PropertyKey[]): readonly Issue[] {
  if (typeof value === 'string') return issuesAt(path, checkTemplate(value))
  if (Array.isArray(value)) return value.flatMap((member, index) => issuesIn(member, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => issuesIn(member, [...path, key]))
}

function issuesAt(path: readonly PropertyKey[], faults: readonly TemplateFault[]): readonly Issue[] {
  const name = path.reduce<string>((before, part) => {
    return typeof part === 'number' ? `${before}[${part}]` : `${before}${before && '.'}${String(part)}`
  }, '')
  return faults.map(({ summary, hint, line, column }) => ({
    code: 'TEMPLATE_INVALID',
    path,
    summary: printable(`${name}: ${summary}, at line ${line} column ${column} of the text`),
    ...(hint === undefined ? {} : { hint: printable(hint) }),
  }))
}
