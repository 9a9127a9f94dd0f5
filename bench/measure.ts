import { spawnSync } from 'node:child_process'

/** One way to do the same thing. */
export interface Contender {
  readonly name: string
  run(): void
}

/** Seconds each contender took, runs alternating so that all see the same noise. */
export function alternate(contenders: readonly Contender[], rounds: number): Map<string, number[]> {
  const seconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) {
      const begun = performance.now()
      run()
      seconds.get(name)?.push((performance.now() - begun) / 1000)
    }
  }
  return seconds
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** A Markdown table of medians, and of ratios against the first contender. */
export function printTable(title: string, seconds: ReadonlyMap<string, readonly number[]>): void {
  const base = median([...seconds.values()][0] ?? [1])
  console.log(`\n${title}\n\n| what | seconds (median) | ratio |\n| --- | --- | --- |`)
  for (const [name, values] of seconds) {
    console.log(`| ${name} | ${median(values).toFixed(3)} | ${(median(values) / base).toFixed(2)} |`)
  }
}

/** Runs a tool to its end; a failure ends the benchmark. */
export function sh(file: string, args: readonly string[], cwd?: string): string {
  const result = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...(cwd ? { cwd } : {}) })
  if (result.status !== 0)
    throw new Error(`${file} ${args.join(' ')}: ${result.status} ${result.stderr} ${result.error ?? ''}`)
  return result.stdout
}

/** What one run of a program took. */
export interface Usage {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMib: number
}

/** As `alternate`, for programs, by GNU time: with the CPU and the memory that they used. `before` is called before each. */
export function alternateUsage(
  contenders: Readonly<Record<string, readonly string[]>>,
  rounds: number,
  before: () => void,
): Map<string, Usage[]> {
  const usage = new Map<string, Usage[]>(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(contenders)) {
      before()
      const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%e %U %S %M', ...command], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`${command.join(' ')}: ${status} ${stderr}`)
      const [seconds = 0, user = 0, system = 0, kib = 0] = (stderr.trim().split('\n').at(-1) ?? '')
        .split(' ')
        .map(Number)
      usage.get(name)?.push({ seconds, cpuSeconds: user + system, peakMib: kib / 1024 })
    }
  }
  return usage
}
