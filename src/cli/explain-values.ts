import { type ResolvedValue, resolvedValues } from '../app/layer-origins.ts'
import { loadWorkspace } from '../app/load-workspace.ts'
import { addressOf, parseAddress } from '../core/address.ts'
import { problem } from '../core/problem.ts'
import { connect } from './wiring.ts'

/** Where each value that git gives a machine stands. */
export async function explainValues(folder: string, address: string): Promise<readonly ResolvedValue[]> {
  const { config, files, cache, version } = connect(folder)
  const { machine: name } = parseAddress(address)
  const { machines } = await loadWorkspace(config, files, cache, version)
  const machine = machines.find((each) => each.name === name)
  if (machine) return resolvedValues(machine.layers, files)
  throw problem('ADDRESS_UNKNOWN', `${addressOf(name)}: git has no machine of that name`, { hint: 'h2k validate' })
}
