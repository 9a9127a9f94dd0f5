import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

test('the demo for libvirt migrates, boots, drifts, repairs, cuts over, rolls back and destroys', () => {
  const { status, stdout, stderr } = spawnSync(resolve('scripts/demo-libvirt.sh'), { encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toContain('its serial port said: h2k-demo: data is intact')
  expect(stdout).toMatch(/machine\.web01\/rollback +done/)
})
