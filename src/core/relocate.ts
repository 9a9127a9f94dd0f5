// Stands for the workspace's own folder wherever a path is kept: another checkout of it is the same workspace.
const mark = 'workspace:/'

/** A value with every path into the workspace written without saying where the workspace is. `root` is absolute. */
export function portable<T>(value: T, root: string): T {
  return mapStrings(value, portableText(root)) as T
}

/** The same for a text. */
export function portableText(root: string): (text: string) => string {
  const folder = `${root}/`
  return (text) => (text.startsWith(folder) ? mark + text.slice(folder.length) : text)
}

/** The same value, back where the workspace is. */
export function located<T>(value: T, root: string): T {
  return mapStrings(value, (text) => (text.startsWith(mark) ? `${root}/${text.slice(mark.length)}` : text)) as T
}

/** A path for a reader: relative inside the workspace. */
export function shownPath(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}

/** A value with its portable paths for a reader: relative to the workspace. */
export function shownValue<T>(value: T): T {
  return mapStrings(value, (text) => (text.startsWith(mark) ? text.slice(mark.length) : text)) as T
}

// What nothing changes in is given back as it is: most of what is kept names no path.
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let changed: unknown[] | undefined
  // Called for each value of tens of thousands of records: an iterator costs more than the rest of it.
  for (let at = 0; at < members.length; at++) {
    const mapped = mapStrings(members[at], change)
    if (mapped === members[at]) continue
    changed ??= [...members]
    changed[at] = mapped
  }
  if (!changed || Array.isArray(value)) return changed ?? value
  const mapped = changed
  return Object.fromEntries(Object.keys(value).map((key, at) => [key, mapped[at]]))
}
