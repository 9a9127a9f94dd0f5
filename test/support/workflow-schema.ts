import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as WorkflowParser from '@actions/workflow-parser'
import { build } from 'esbuild'
import { temporaryFolder } from './machines.ts'

/** Makes a function that tells what GitHub's own parser finds wrong with a workflow, by its schema. */
export async function workflowChecker(): Promise<(name: string, content: string) => readonly string[]> {
  // It imports JSON in a way that Node refuses; bundled, it does not.
  const outfile = join(temporaryFolder(), 'workflow-parser.cjs')
  await build({
    stdin: { contents: 'export * from "@actions/workflow-parser"', resolveDir: '.' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    outfile,
  })
  const parser = createRequire(import.meta.url)(outfile) as typeof WorkflowParser
  return (name, content) => {
    const { context } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter())
    return context.errors.getErrors().map(String)
  }
}
