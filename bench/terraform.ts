import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternateUsage, median, sh, type Usage } from './measure.ts'
import { h2k, makeWorkspace } from './workspace.ts'

// As many machines as `terraform_data`, which do nothing: plan, list and apply of both, side by side.
// `node bench/terraform.ts [ROUNDS] [COUNT …]`
const [rounds = 5, ...given] = process.argv.slice(2).map(Number)
const counts = given.length > 0 ? given : [100, 1000, 10_000]
/** Terraform writes its whole state after each resource that it makes: more would take the afternoon. */
const mostApplied = 1000
/** `preflight`, `export`, `convert` and `publish`. */
const stages = 4

if (spawnSync('terraform', ['version']).status !== 0) {
  console.log('terraform is not installed: nothing to compare with')
  process.exit(0)
}
console.log(
  `\nmedians of ${rounds} runs\n\n| what | tool | seconds | ratio | CPU seconds | peak MB |\n| --- | --- | --- | --- | --- | --- |`,
)
for (const count of counts) {
  const [workspace, module] = [makeWorkspace(count), makeModule(count)]
  try {
    sh(h2k, ['-C', workspace, 'apply', '--auto-approve', '--parallel', '10'])
    applied(module, count)
    compare(`plan, ${count} machines, nothing to do`, {
      terraform: ['terraform', `-chdir=${module}`, 'plan', '-detailed-exitcode'],
      h2k: [h2k, '-C', workspace, 'plan', '--detailed-exitcode'],
    })
    compare(`state list, ${count} machines`, {
      terraform: ['terraform', `-chdir=${module}`, 'state', 'list'],
      h2k: [h2k, '-C', workspace, 'state', 'list'],
    })
    if (count > mostApplied) continue
    const seconds = compare(
      `apply, ${count} machines`,
      {
        terraform: ['terraform', `-chdir=${module}`, 'apply', '-auto-approve'],
        h2k: [h2k, '-C', workspace, 'apply', '--auto-approve', '--parallel', '10'],
      },
      () => {
        rmSync(join(module, 'terraform.tfstate'), { force: true })
        for (const made of ['.h2k', 'output']) rmSync(join(workspace, made), { recursive: true, force: true })
      },
    )
    const each = (seconds.h2k ?? 0) / stages
    console.log(
      `| apply, ${count} stages of h2k | h2k | ${each.toFixed(2)} | ${(each / (seconds.terraform ?? 1)).toFixed(2)} | | |`,
    )
  } finally {
    for (const folder of [workspace, module]) rmSync(folder, { recursive: true })
  }
}

/** One resource counted up: the way in which terraform is fastest. */
function makeModule(count: number): string {
  const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'terraform-bench-'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'main.tf'),
    `resource "terraform_data" "vm" {\n  count = ${count}\n  input = { cpu = 2, memory_gb = 4, firmware = "bios" }\n}\n`,
  )
  sh('terraform', [`-chdir=${folder}`, 'init'])
  return folder
}

/** Makes the first resource for real; the others are it again in the state. */
function applied(module: string, count: number): void {
  sh('terraform', [`-chdir=${module}`, 'apply', '-auto-approve', '-target=terraform_data.vm[0]'])
  const path = join(module, 'terraform.tfstate')
  const state = JSON.parse(readFileSync(path, 'utf8')) as { resources: [{ instances: [object] }] }
  const [resource] = state.resources
  const instances = Array.from({ length: count }, (_, index) => ({ ...resource.instances[0], index_key: index }))
  writeFileSync(path, JSON.stringify({ ...state, resources: [{ ...resource, instances }] }))
}

function compare(
  what: string,
  contenders: Readonly<Record<'terraform' | 'h2k', readonly string[]>>,
  before = () => {},
): Readonly<Record<string, number>> {
  const usage = alternateUsage(contenders, rounds, before)
  const of = (tool: string, value: (run: Usage) => number) => median((usage.get(tool) ?? []).map(value))
  const seconds = Object.fromEntries(Object.keys(contenders).map((tool) => [tool, of(tool, (run) => run.seconds)]))
  for (const [tool, took] of Object.entries(seconds)) {
    const ratio = took / (seconds.terraform ?? 1)
    const [cpu, peak] = [of(tool, (run) => run.cpuSeconds), of(tool, (run) => run.peakMib)]
    console.log(
      `| ${what} | ${tool} | ${took.toFixed(2)} | ${ratio.toFixed(2)} | ${cpu.toFixed(1)} | ${peak.toFixed(0)} |`,
    )
  }
  return seconds
}
