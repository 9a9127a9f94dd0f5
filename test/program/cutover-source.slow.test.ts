import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentOf, qemuImg, writeRaw } from '../support/machines.ts'
import { atOnce, movingDomains, sha256, write } from '../support/moving-domains.ts'
import { start } from '../support/program.ts'

const { old, next, config, applied, startsWithHost } = movingDomains()

describe('a source that is switched off', () => {
  test('is copied once more when it is off, stays off, and is put back as it was', async () => {
    const { folder, image, run, address, rollback, both, deeds, same } = await applied('web', atOnce)
    write(image, 'written while it ran')
    const plan = await run('plan')
    expect(plan.stdout).toContain('is copied while its source, the domain web, runs')
    expect(plan.stdout).toContain('cutover source_action power_off: domain web of old')
    const review = await run('plan', '--format', 'markdown')
    expect(review.stdout).toContain('switches its source off at its cutover, the domain web of old')
    const spare = `${image}.spare`
    writeRaw(spare, 1)
    old.virsh('attach-disk', 'web', spare, 'vdb', '--live', '--subdriver', 'raw')
    const shown = await run('cutover', address)
    expect(shown.stdout).toMatch(/source +domain web of .* is shut down within 0 s, else switched off/)
    expect(shown.stdout).toContain(`${spare}, which it writes too, is not copied`)
    expect(both()).toEqual(['running', 'shut off'])

    const ended = await run('cutover', address, '--auto-approve', '--json')
    const [planned] = ended.data<{ readonly machines: readonly { readonly does: readonly string[] }[] }>().machines
    expect(planned?.does).toContain('source: it does not start with its host any more')
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(both()).toEqual(['shut off', 'running'])
    expect(startsWithHost('web')).toBe(false)
    const [done, off] = await deeds()
    expect(off).toMatchObject({ stage: 'source_off', status: 'done', output: { off: 'switched off' } })
    const { sourceOff, downtimeSeconds, ended: at } = done?.output ?? {}
    expect(sourceOff).toBe(off?.output?.at)
    expect(downtimeSeconds).toBeCloseTo((Date.parse(String(at)) - Date.parse(String(sourceOff))) / 1000, 3)
    expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)

    const back = await rollback()
    expect(back.exitCode, back.stdout + back.stderr).toBe(0)
    expect(both()).toEqual(['running', 'shut off'])
    expect(startsWithHost('web')).toBe(true)
    expect((await deeds()).at(-1)?.output).toMatchObject({ off: 'switched off', source: 'started' })
    expect(same()).toBe(true)

    // What reads a source through QEMU's lock wants it off, but not for the cutover, which switches it off first.
    const manifest = join(folder, 'manifests/web.yaml')
    const compared = readFileSync(manifest, 'utf8').replace('validate:\n', 'validate:\n    compare_source: true\n')
    writeFileSync(manifest, compared)
    write(image, 'written again')
    expect((await run('plan')).stdout).toContain('SOURCE_RUNNING')
    old.virsh('destroy', 'web')
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    old.virsh('start', 'web')
    write(image, 'and again')
    const anew = await run('cutover', address, '--auto-approve')
    expect(anew.exitCode, anew.stdout + anew.stderr).toBe(0)
    expect(both()).toEqual(['shut off', 'running'])
    next.virsh('destroy', 'web')
    expect((await run('destroy', address)).stdout).toMatch(/its source, the domain web of .*, stays off/)
  })

  test('is not switched off with shutdown, and nothing is cut over when it does not shut down in time', async () => {
    const { folder, address, cutover, both, deeds, rewrite } = await applied(
      'deaf',
      'source_action: shutdown, shutdown_seconds: 600',
    )
    const running = start(folder, ['cutover', address, '--auto-approve'])
    await expect.poll(() => startsWithHost('deaf'), { timeout: 60_000 }).toBe(false)
    running.child.kill('SIGINT')
    const stopped = await running.ended
    expect([stopped.exitCode, stopped.stdout]).toEqual([130, expect.stringContaining('may be off by now')])
    expect(both()).toEqual(['running', 'shut off'])

    rewrite('source_action: shutdown, shutdown_seconds: 1')
    const failed = await cutover()
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('CUTOVER_FAILED: its source, the domain deaf, did not shut down within 1 s')
    expect(both()).toEqual(['running', 'shut off'])
    expect(startsWithHost('deaf')).toBe(true)
    expect((await deeds()).map(({ stage, status }) => `${stage} ${status}`)).toEqual([
      'cutover failed',
      'source_off failed',
      'rollback done',
    ])
  })

  test('is taken for what it is when somebody starts it again', async () => {
    const verify = 'on_failure: keep, verify: {agent: true, timeout_seconds: 1}'
    const { folder, image, address, run, cutover, both, rollback, rewrite } = await applied(
      'undead',
      `${atOnce}, ${verify}`,
      'libvirt_integration: {create_snapshot: true}\n',
    )
    const kept = await cutover()
    expect(kept.stderr).toContain('CUTOVER_FAILED')
    expect(kept.stdout).toContain('may be off by now')
    expect(both()).toEqual(['shut off', 'running'])
    old.virsh('start', 'undead')
    rewrite(atOnce)
    const refused = await cutover()
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining('CUTOVER_REFUSED: somebody started its source, the domain undead'),
    ])
    expect(both()).toEqual(['running', 'running'])
    expect((await rollback()).exitCode).toBe(0)
    expect(both()).toEqual(['running', 'shut off'])

    // What the target wrote, and what the source writes now: one of them has to go, and h2k does not choose.
    const overlay = join(folder, 'output/undead/vda.qcow2.pre-first-boot')
    qemuImg('bench', '-w', '-c', '1', '-q', '-f', 'qcow2', '--pattern=7', overlay)
    write(image, 'later')
    const written = await cutover()
    expect([written.exitCode, written.stderr]).toEqual([1, expect.stringContaining('DISK_WRITTEN')])
    expect(both()).toEqual(['running', 'shut off'])
    expect((await run('apply', '--redo', `${address}/convert`, '--auto-approve')).exitCode).toBe(0)
    expect(contentOf(overlay, 'qcow2')).toBe(sha256(image))
    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(both()).toEqual(['shut off', 'running'])
  })
})

describe('killed', () => {
  test('a cutover goes on and a rollback too, with what the source had when it went off', async () => {
    const { image, address, run, cutover, rollback, both, deeds, same, rewrite } = await applied('killed', atOnce)
    write(image, 'while it ran')
    const kill = async (point: string) => {
      const killed = await cutover({ H2K_FAILPOINT: `${point}:kill` })
      expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
      return both()
    }
    expect(await kill('source_off:in-effect')).toEqual(['running', 'shut off'])
    expect(await kill('source_off:after-effect')).toEqual(['shut off', 'shut off'])
    expect(await kill('convert:after-effect')).toEqual(['shut off', 'shut off'])
    const gone = await run('destroy', address, '--auto-approve')
    expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringContaining('may have switched its source off')])
    rewrite(`${atOnce}, at: 2999-01-01T00:00:00Z, verify: {agent: true, timeout_seconds: 1}`)
    const failed = await cutover()
    expect(failed.stderr).toContain('CUTOVER_FAILED')
    expect(failed.stdout).toContain('going on since')
    expect(same()).toBe(true)
    expect(both()).toEqual(['running', 'shut off'])
    expect(startsWithHost('killed')).toBe(true)

    rewrite(atOnce)
    expect(await kill('cutover:in-effect')).toEqual(['shut off', 'shut off'])
    const stopped = await rollback({ H2K_FAILPOINT: 'rollback:in-effect:kill' })
    expect(stopped.signal, stopped.stdout + stopped.stderr).toBe('SIGKILL')
    expect(both()).toEqual(['shut off', 'shut off'])
    expect((await rollback()).exitCode).toBe(0)
    expect(both()).toEqual(['running', 'shut off'])
    expect(startsWithHost('killed')).toBe(true)
    expect((await deeds()).at(-1)?.output).toMatchObject({ source: 'started' })
  })
})

describe('a cutover is refused', () => {
  test('by what the source is, before anything is done to it', async () => {
    const { image, folder, run, cutover, rewrite, both } = await applied('odd', atOnce)
    const refusal = async () => (await cutover()).stderr
    rewrite(`${atOnce}, require_approval: true`)
    expect((await cutover()).exitCode).toBe(7)
    rewrite('source_action: none')
    expect(await refusal()).toContain('CUTOVER_REFUSED: its source, the domain odd of')
    rewrite(atOnce)
    // Somebody takes a snapshot, from which on the disk that is copied is not the one that is written.
    old.virsh('snapshot-create-as', 'odd', 'later', '--disk-only', '--atomic', '--no-metadata')
    expect(await refusal()).toContain(`the domain odd does not write disk vda to ${image}`)
    old.virsh('blockcommit', 'odd', 'vda', '--active', '--pivot', '--wait')
    old.virsh('managedsave', 'odd')
    expect(await refusal()).toContain('the domain odd was saved to go on later')
    old.virsh('start', 'odd')
    writeFileSync(join(folder, 'h2k.yaml'), config('policy: {rules: {source_power_off_unapproved: deny}}\n'))
    const denied = await cutover()
    expect([denied.exitCode, denied.stderr]).toEqual([
      6,
      expect.stringMatching(/POLICY_DENIED.*source_power_off_unapproved: anybody may cut it over/),
    ])
    writeFileSync(join(folder, 'h2k.yaml'), config())
    mkdirSync(join(folder, 'manifests'), { recursive: true })
    const manifest = readFileSync(join(folder, 'manifests/odd.yaml'), 'utf8')
    const twin = manifest.replace('vm_name: odd', 'vm_name: twin')
    writeFileSync(join(folder, 'manifests/twin.yaml'), twin)
    expect((await run('plan')).stdout).toContain('SOURCE_COLLISION')
    writeFileSync(join(folder, 'manifests/twin.yaml'), twin.replace(atOnce, ''))
    expect((await run('plan')).stdout).toContain('SOURCE_RUNNING')
    expect(both()).toEqual(['running', 'shut off'])
  })
})
