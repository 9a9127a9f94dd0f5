import { expect, test } from 'vitest'
import { writtenOverlay } from '../../src/app/written-overlay.ts'
import type { Json } from '../../src/core/json.ts'
import type { Artifact } from '../../src/core/record.ts'

const over = '/pool/web.qcow2.before'
const file = { path: over, bytes: 100, modified: '1' }

function written(evidence: Json, now = file) {
  const artifact = { path: over, status: 'made', evidence } as unknown as Artifact
  return writtenOverlay('/pool/web.qcow2', [artifact], { identities: () => [now] })
}

test('an overlay was written where it changed since it was made, or nobody knows what was in it when it was imported', () => {
  expect(written({ file })).toBeUndefined()
  expect(written({ file }, { ...file, modified: '2' })).toBe(over)
  expect(written({ file, written: true })).toBe(over)
})
