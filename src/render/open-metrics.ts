/** A family of gauges: what Prometheus and OpenMetrics both take. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  /** Its unit, the name's ending. */
  readonly unit?: 'seconds' | 'bytes'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/**
 * Families as OpenMetrics text: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md. Only gauges,
 * whose names node_exporter's older format has alike.
 */
export function openMetrics(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, unit, samples }) => [
      `# TYPE ${name} gauge`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
      `# HELP ${name} ${escaped(help)}`,
      ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
    ])
  return `${[...lines, '# EOF'].join('\n')}\n`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

// Half a surrogate pair is no UTF-8, and some readers end a line at a carriage return.
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
    .replaceAll('\r', '\uFFFD')
}
