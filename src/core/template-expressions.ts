import { type Template, TypeGuards, toValueSync, Value } from 'liquidjs'
import type { TemplateFault } from './liquid.ts'

/**
 * The expressions whose operators and operands do not fit together, such as `os "linux"` or `os and`: LiquidJS takes
 * one of the operands and leaves the rest out.
 */
export function misshapenExpressions(templates: readonly Template[]): readonly TemplateFault[] {
  return templates.flatMap((template) => {
    const [line, column] = template.token.getPosition()
    const wrong = [...(template.arguments?.() ?? [])].filter((argument) => argument instanceof Value && !fits(argument))
    const faults = wrong.map(() => ({
      summary: 'a value or an operator is missing between others, or left over',
      hint: 'compare with ==, !=, <, >, contains; combine with and, or, not',
      line: line ?? 1,
      column: column ?? 1,
    }))
    const children = template.children ? toValueSync<Template[]>(template.children(false, true)) : []
    return [...faults, ...misshapenExpressions(children)]
  })
}

function fits(value: Value): boolean {
  let operands = 0
  for (const token of value.initial.postfix) {
    const takes = !TypeGuards.isOperatorToken(token) ? 0 : token.operator === 'not' ? 1 : 2
    if (operands < takes) return false
    operands += 1 - takes
  }
  return operands === 1
}
