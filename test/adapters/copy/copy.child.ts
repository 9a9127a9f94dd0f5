import { problemsOf } from '../../../src/core/problem.ts'
import { copied } from './copies.ts'

// `node copy.child.ts VMDK TARGET FORMAT`: says what became of the copy.
const [image = '', path = '', format] = process.argv.slice(2)
try {
  const { sha256 } = await copied(image, path, format === 'raw' ? 'raw' : 'qcow2')
  console.log(JSON.stringify({ sha256 }))
} catch (error) {
  const problems = problemsOf(error)
  if (!problems) throw error
  console.log(JSON.stringify({ problems }))
}
