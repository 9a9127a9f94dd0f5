import { expect, it } from 'vitest'
import { located, portable } from '../../src/core/relocate.ts'

const value = JSON.parse('{"at": "/w/a.img", "__proto__": ["/w/b", 1, null, "/wide"], "other": {"deep": "/x"}}')

it('writes paths into the workspace without it, wherever they are, and finds them in another', () => {
  const kept = portable(value, '/w')
  expect(JSON.stringify(kept)).toBe(
    '{"at":"workspace:/a.img","__proto__":["workspace:/b",1,null,"/wide"],"other":{"deep":"/x"}}',
  )
  expect(JSON.stringify(located(kept, '/v'))).toBe(
    '{"at":"/v/a.img","__proto__":["/v/b",1,null,"/wide"],"other":{"deep":"/x"}}',
  )
  expect(value.at).toBe('/w/a.img')
})
