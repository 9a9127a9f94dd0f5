/** How often a property is tried: so often in `npm test`, a fifth as often elsewhere. */
export function fuzzRuns(times: number): number {
  return process.env.H2K_TEST_FUZZ === 'full' ? times : Math.ceil(times / 5)
}
