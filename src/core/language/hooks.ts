import { z } from 'zod'
import { type Hook, type HookPoint, type HookRetry, hookPoints, type MachineHooks, retryStrategies } from '../hook.ts'

const text = z.string().min(1)
const seconds = z.number().min(0).max(86_400)
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
export const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header')
const dotted = z.string().regex(/^[^\W\d]\w*(\.[^\W\d]\w*)*$/, 'a name of Python, such as package.module')

/** A value that only the environment knows. */
export const secret = z
  .strictObject({ env: variable.describe('the name of a variable') })
  .describe('a variable of h2k’s own environment: read when it is needed, kept nowhere, and hidden in all output')
export const value = z.union([z.string(), secret])
const data = z.record(z.string(), z.json())

export const allowHosts = z
  .array(z.string().regex(/^[^\s/@?#]+$/, 'host or host:port'))
  .optional()
  .describe('host or host:port of servers on this host or its link, which are refused otherwise')

const retry = z.strictObject({
  max_retries: z.int().min(0).max(100).optional().meta({ description: 'attempts after the first', default: 0 }),
  initial_delay: seconds.optional().meta({ description: 'seconds', default: 1 }),
  strategy: z.enum(retryStrategies).optional().meta({ description: 'how the delay grows', default: 'exponential' }),
  max_delay: seconds.optional().meta({ description: 'no delay is longer', default: 60 }),
  retry_on_timeout: z.boolean().optional().meta({ description: 'also when it took too long', default: true }),
  jitter: z
    .boolean()
    .optional()
    .meta({ description: 'cut each delay by chance, to half of it at most', default: false }),
})

const common = {
  name: text.optional().describe('for messages; without it the place, such as pre_fix[0]'),
  timeout: z.number().min(0.001).max(604_800).optional().meta({ description: 'seconds', default: 300 }),
  continue_on_error: z.boolean().optional().meta({ description: 'go on when it fails', default: false }),
  when: text.optional().describe('run it only if this holds, such as: os contains "windows" and disks.size > 1'),
  retry: retry.optional().describe('what is done when it fails'),
}

const script = z.strictObject({
  type: z.literal('script').describe('a program'),
  path: text.describe('an executable file, relative to this file; no shell reads it'),
  args: z.array(z.string()).optional().describe('templates, each one argument'),
  env: z.record(variable, value).optional().describe('all that it finds in its environment, besides PATH, HOME, LANG'),
  working_directory: text.optional().describe('a template, relative to this file; without it this file’s folder'),
  ...common,
})

const python = z.strictObject({
  type: z.literal('python').describe('a function of a Python module'),
  module: dotted.describe('found through pythonpath'),
  function: dotted.describe(
    'gets args by name, and context if it has such a parameter; returns True or {success, output}',
  ),
  args: data.optional().describe('templates'),
  pythonpath: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('folders, relative to this file; without it this file’s folder'),
  ...common,
})

const node = z.strictObject({
  type: z.literal('node').describe('a function of a JavaScript module'),
  path: text.describe('a JavaScript module, relative to this file'),
  function: text
    .optional()
    .describe('gets context and args; returns true or {success, output}; the default export without it'),
  args: data.optional().describe('templates'),
  ...common,
})

const http = z.strictObject({
  type: z.literal('http').describe('a request to a web server'),
  url: z.union([text, secret]).describe('a template, http or https; values are encoded as parts of a URL'),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .optional()
    .meta({ description: 'of the request', default: 'POST' }),
  headers: z.record(headerName, value).optional().describe('templates'),
  body: data.optional().describe('templates, sent as JSON'),
  allow_hosts: allowHosts,
  ...common,
})

// The id gives it one definition in the JSON Schema, instead of one for each hook point.
const hook = z.discriminatedUnion('type', [script, python, http, node]).meta({ id: 'hook' })
const list = z.array(hook).optional()

/** The key `hooks` of a manifest. */
export const hooksSchema = z.strictObject({
  pre_extraction: list.describe('before the disks are read from the source'),
  post_extraction: list.describe('after the disks are readable and checked'),
  pre_fix: list.describe('before the guest is repaired'),
  post_fix: list.describe('after the guest is repaired'),
  pre_convert: list.describe('before the disks are converted'),
  post_convert: list.describe('after the disks are converted'),
  post_validate: list.describe('after the result is checked'),
  pre_publish: list.describe('before the machine is put in its target'),
  post_publish: list.describe('after the machine is in its target'),
  pre_cutover: list.describe('before the source is switched off'),
  post_cutover: list.describe('after the machine runs in its target'),
  on_failure: list.describe('when a stage of the machine fails'),
} satisfies Record<HookPoint, unknown>)

export type ManifestHooks = z.infer<typeof hooksSchema>
type ManifestHook = z.infer<typeof hook>

/** Fills in the defaults. `resolvePath` gives the absolute path of what the hooks at a point name by a relative one. */
export function resolveHooks(
  parsed: ManifestHooks,
  resolvePath: (path: string, point: HookPoint) => string,
): MachineHooks {
  const entries = hookPoints.flatMap((point) => {
    const hooks = parsed[point]?.map((one, index) =>
      resolve(one, `${point}[${index}]`, (path) => resolvePath(path, point)),
    )
    return hooks === undefined || hooks.length === 0 ? [] : [[point, hooks] as const]
  })
  return Object.fromEntries(entries)
}

function resolve(parsed: ManifestHook, place: string, resolvePath: (path: string) => string): Hook {
  const folder = resolvePath('.')
  const shared = {
    name: parsed.name ?? place,
    folder,
    timeoutSeconds: parsed.timeout ?? 300,
    continueOnError: parsed.continue_on_error ?? false,
    ...(parsed.when === undefined ? {} : { when: parsed.when }),
    retry: resolveRetry(parsed.retry ?? {}),
  }
  switch (parsed.type) {
    case 'script': {
      const { type, path, args = [], env = {}, working_directory: workingDirectory = '.' } = parsed
      return { ...shared, type, path: resolvePath(path), args, env, workingDirectory }
    }
    case 'python': {
      const { type, module, function: name, args = {}, pythonpath = '.' } = parsed
      return { ...shared, type, module, function: name, args, pythonpath: [pythonpath].flat().map(resolvePath) }
    }
    case 'node': {
      const { type, path, function: name = 'default', args = {} } = parsed
      return { ...shared, type, path: resolvePath(path), function: name, args }
    }
    case 'http': {
      const { type, url, method = 'POST', headers = {}, body, allow_hosts: allowHosts = [] } = parsed
      return { ...shared, type, url, method, headers, ...(body === undefined ? {} : { body }), allowHosts }
    }
  }
}

function resolveRetry(parsed: z.infer<typeof retry>): HookRetry {
  return {
    maxRetries: parsed.max_retries ?? 0,
    initialDelaySeconds: parsed.initial_delay ?? 1,
    strategy: parsed.strategy ?? 'exponential',
    maxDelaySeconds: parsed.max_delay ?? 60,
    retryOnTimeout: parsed.retry_on_timeout ?? true,
    jitter: parsed.jitter ?? false,
  }
}
