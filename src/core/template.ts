import type { Template } from 'liquidjs'
import { contextShape, type HookContext } from './hook-context.ts'
import type { Json } from './json.ts'
import { faultOf, parseTemplate, renderParsed, type TemplateFault, type TemplateKind } from './liquid.ts'
import { printable } from './printable.ts'
import { type Problem, ProblemError } from './problem.ts'
import { misshapenExpressions } from './template-expressions.ts'
import { unknownNames } from './template-names.ts'

/** What is wrong with a template, as far as it can be told without a run: syntax, filters, names that no context has. */
export function checkTemplate(text: string): readonly TemplateFault[] {
  return hasMarkup(text) ? checked(text).faults : []
}

/** The same for a condition, such as `os contains "windows"`. */
export function checkCondition(expression: string): readonly TemplateFault[] {
  if (/\{\{|\}\}|\{%|%\}/.test(expression)) {
    const hint = 'write the bare condition, such as: os == "linux"'
    return [{ summary: 'a condition has no braces around it', hint, line: 1, column: 1 }]
  }
  return checked(asTemplate(expression)).faults.map(withoutOpening)
}

/**
 * Puts the context's values into a template. Values are data: what looks like a template in them stays as it is.
 * `where` names the template for a reader, such as `hook "notify", args[1]`, and is safe to print.
 * @throws ProblemError TEMPLATE_INVALID, at line and column within the text
 */
export function renderTemplate(text: string, context: HookContext, where: string, kind: TemplateKind = 'text'): string {
  if (!hasMarkup(text)) return text
  const { templates, faults } = checked(text, kind)
  return rendered(templates, faults, context, where, kind)
}

/** Renders every text in a value; the keys of its maps stay as they are. */
export function renderDeep(value: Json, context: HookContext, where: string): Json {
  if (typeof value === 'string') return renderTemplate(value, context, where)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((member, index) => renderDeep(member, context, `${where}[${index}]`))
  const entries = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [[key, renderDeep(member, context, `${where}.${key}`)] as const],
  )
  return Object.fromEntries(entries)
}

/** Whether a condition holds. @throws ProblemError TEMPLATE_INVALID */
export function conditionHolds(expression: string, context: HookContext, where: string): boolean {
  const faults = checkCondition(expression)
  const { templates } = faults.length > 0 ? { templates: [] } : checked(asTemplate(expression))
  return rendered(templates, faults, context, where, 'text', withoutOpening) === 'true'
}

const opening = '{% if '

function asTemplate(expression: string): string {
  return `${opening}${expression} %}true{% endif %}`
}

function withoutOpening(fault: TemplateFault): TemplateFault {
  return fault.line === 1 ? { ...fault, column: Math.max(1, fault.column - opening.length) } : fault
}

function hasMarkup(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

function checked(text: string, kind?: TemplateKind): { templates: Template[]; faults: readonly TemplateFault[] } {
  try {
    const templates = parseTemplate(text, kind)
    return { templates, faults: [...misshapenExpressions(templates), ...unknownNames(templates, contextShape)] }
  } catch (error) {
    return { templates: [], faults: [knownFault(error)] }
  }
}

function rendered(
  templates: Template[],
  faults: readonly TemplateFault[],
  context: HookContext,
  where: string,
  kind: TemplateKind,
  placed = (fault: TemplateFault) => fault,
): string {
  if (faults.length > 0) throw new ProblemError(faults.map((fault) => templateProblem(fault, where)))
  try {
    return renderParsed(templates, context, kind)
  } catch (error) {
    throw new ProblemError([templateProblem(placed(knownFault(error)), where)], { cause: error })
  }
}

function knownFault(error: unknown): TemplateFault {
  const fault = faultOf(error)
  if (fault === undefined) throw error
  return fault
}

function templateProblem({ summary, hint, line, column }: TemplateFault, where: string): Problem {
  return {
    severity: 'error',
    code: 'TEMPLATE_INVALID',
    summary: `${where}, line ${line} column ${column}: ${printable(summary)}`,
    ...(hint === undefined ? {} : { hint: printable(hint) }),
  }
}

// `Array.isArray` does not narrow readonly lists.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
