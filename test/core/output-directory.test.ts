import { expect, it } from 'vitest'
import type { LayerKind } from '../../src/core/layer.ts'
import { outputDirectory } from '../../src/core/output-directory.ts'
import { layer } from './layer-texts.ts'

it.each<[LayerKind, boolean]>([
  ['defaults', true],
  ['profile', true],
  ['shared_config', true],
  ['manifest', false],
  ['overrides', false],
])('a folder that %s names is one for many machines: %s', (kind, shared) => {
  const layers = [
    layer('output: {directory: weaker}', 'profile'),
    layer('output: {directory: out}', kind),
    layer('output: {format: raw}', 'overrides'),
  ]
  expect(outputDirectory(layers)).toEqual({ directory: 'out', file: `${kind}.yaml`, shared })
})

it.each(['{}', 'output: {format: raw}', 'output: {directory: 5}', 'output: {directory: null}'])(
  '%s names none',
  (text) => {
    expect(outputDirectory([layer(text)])).toBeUndefined()
  },
)
