// Reads the headers of the images in a folder, whose endings are their formats, and says what came of each.
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { readImageHeader } from '../../../src/adapters/image-header.ts'
import { imageFormats } from '../../../src/core/image.ts'
import { problemsOf } from '../../../src/core/problem.ts'

const [folder = ''] = process.argv.slice(2)
for (const file of readdirSync(folder)
  .filter((name) => name.startsWith('hostile'))
  .sort()) {
  const format = imageFormats.find((one) => extname(file) === `.${one}`) ?? 'raw'
  try {
    await readImageHeader({ path: join(folder, file), format }, new AbortController().signal)
    console.log(file, 'taken')
  } catch (error) {
    console.log(file, problemsOf(error)?.[0]?.code ?? error)
  }
}
