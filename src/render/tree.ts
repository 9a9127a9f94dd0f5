/** A line with what belongs below it. */
export interface Branch {
  readonly title: string
  readonly children?: readonly Branch[]
}

/** A branch and all below it, a line each. `last` of its siblings has nothing further down to be joined with. */
export function drawn(branch: Branch, last: boolean): string[] {
  const children = branch.children ?? []
  const below = children.flatMap((child, index) => drawn(child, index === children.length - 1))
  return [`${last ? '└─' : '├─'} ${branch.title}`, ...below.map((line) => `${last ? '  ' : '│ '} ${line}`)]
}
