import { expect, test } from 'vitest'
import { afterDependencies } from '../../src/app/cutover-order.ts'

test('machines keep their order but for what they depend on, through others and in spite of a circle', () => {
  const depends: Readonly<Record<string, readonly string[]>> = { app: ['db', 'elsewhere'], db: ['san'], ring: ['ring'] }
  const order = afterDependencies(['app', 'db', 'ring', 'san', 'web'], (name) => depends[name] ?? [])
  expect(order).toEqual(['san', 'db', 'app', 'ring', 'web'])
  expect(afterDependencies(['app', 'san'], (name) => depends[name] ?? [])).toEqual(['san', 'app'])
})
