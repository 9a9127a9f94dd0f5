import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hookPoints } from '../../../src/core/hook.ts'
import { check } from '../../../src/core/language/check.ts'
import { hookTemplateIssues } from '../../../src/core/language/hook-templates.ts'
import { hooksSchema, type ManifestHooks, resolveHooks } from '../../../src/core/language/hooks.ts'
import { parseText } from '../../../src/core/language/parse-text.ts'

function parse(yaml: string): ManifestHooks {
  return hooksSchema.parse(parseText(new TextEncoder().encode(yaml), 'a.yaml'))
}
const resolved = (yaml: string) => resolveHooks(parse(yaml), (path) => resolve('/ws/manifests', path))
const issues = (value: unknown) => check(hooksSchema, value).issues ?? []

const defaults = {
  name: 'pre_fix[0]',
  folder: '/ws/manifests',
  timeoutSeconds: 300,
  continueOnError: false,
  retry: {
    maxRetries: 0,
    initialDelaySeconds: 1,
    strategy: 'exponential',
    maxDelaySeconds: 60,
    retryOnTimeout: true,
    jitter: false,
  },
}

describe('a hook with nothing but what it needs', () => {
  it.each([
    ['{type: script, path: ../a.sh}', { type: 'script', path: '/ws/a.sh', args: [], env: {}, workingDirectory: '.' }],
    [
      '{type: python, module: a.b, function: f}',
      { type: 'python', module: 'a.b', function: 'f', args: {}, pythonpath: ['/ws/manifests'] },
    ],
    ['{type: node, path: a.mjs}', { type: 'node', path: '/ws/manifests/a.mjs', function: 'default', args: {} }],
    [
      '{type: http, url: "https://a/"}',
      { type: 'http', url: 'https://a/', method: 'POST', headers: {}, allowHosts: [] },
    ],
  ])('%s', (yaml, own) => {
    expect(resolved(`pre_fix: [${yaml}]`)).toEqual({ pre_fix: [{ ...defaults, ...own }] })
  })
})

it('keeps every key that a hook can have', () => {
  const hooks = resolved(`
post_convert:
  - type: script
    name: backup
    path: /usr/bin/backup
    args: ["{{ source_path }}", -v]
    env: {A: "{{ os }}", TOKEN: {env: BACKUP_TOKEN}}
    working_directory: "{{ output_dir }}"
    timeout: 0.5
    continue_on_error: true
    when: os == "linux"
    retry: {max_retries: 3, initial_delay: 2, strategy: linear, max_delay: 5, retry_on_timeout: false, jitter: true}
  - {type: python, module: m, function: f, args: {a: [1, {b: x}]}, pythonpath: [lib, /opt/lib]}
  - {type: node, path: a.js, function: f, args: {a: null}}
  - {type: http, url: {env: HOOK_URL}, method: PUT, headers: {X-A: a, Authorization: {env: T}}, body: {a: {b: [1]}}, allow_hosts: ["[::1]:80"]}
`)
  expect(hooks.post_convert).toMatchObject([
    {
      name: 'backup',
      timeoutSeconds: 0.5,
      continueOnError: true,
      when: 'os == "linux"',
      args: ['{{ source_path }}', '-v'],
      env: { A: '{{ os }}', TOKEN: { env: 'BACKUP_TOKEN' } },
      workingDirectory: '{{ output_dir }}',
      retry: {
        maxRetries: 3,
        initialDelaySeconds: 2,
        strategy: 'linear',
        maxDelaySeconds: 5,
        retryOnTimeout: false,
        jitter: true,
      },
    },
    { name: 'post_convert[1]', args: { a: [1, { b: 'x' }] }, pythonpath: ['/ws/manifests/lib', '/opt/lib'] },
    { function: 'f', args: { a: null } },
    {
      url: { env: 'HOOK_URL' },
      method: 'PUT',
      headers: { 'X-A': 'a', Authorization: { env: 'T' } },
      body: { a: { b: [1] } },
      allowHosts: ['[::1]:80'],
    },
  ])
})

it('knows every hook point, and leaves out those without hooks', () => {
  const one = [{ type: 'node', path: 'a.mjs' }]
  const all = hooksSchema.parse(Object.fromEntries(hookPoints.map((point) => [point, one])))
  expect(Object.keys(resolveHooks(all, (path) => path))).toEqual([...hookPoints])
  expect(resolved('{pre_fix: [], on_failure: [{type: node, path: a}]}')).toHaveProperty('on_failure')
  expect(resolved('pre_fix: []')).toEqual({})
})

describe('refused', () => {
  const script = { type: 'script', path: 'a' }
  it.each([
    ['a point that is not there', { pre_fixx: [] }],
    ['a kind that is not there', { pre_fix: [{ type: 'shell', path: 'a' }] }],
    ['a hook without a kind', { pre_fix: [{ path: 'a' }] }],
    ['a hook that is a text', { pre_fix: ['a.sh'] }],
    ['a key of another kind', { pre_fix: [{ ...script, url: 'https://a' }] }],
    ['a time limit of 0', { pre_fix: [{ ...script, timeout: 0 }] }],
    ['an argument that is no text', { pre_fix: [{ ...script, args: [1] }] }],
    ['a variable with a name that cannot be', { pre_fix: [{ ...script, env: { 'A=B': 'c' } }] }],
    ['a reference with more in it', { pre_fix: [{ ...script, env: { A: { env: 'B', or: 'c' } } }] }],
    ['a strategy that is not there', { pre_fix: [{ ...script, retry: { strategy: 'random' } }] }],
    ['a method that is not there', { pre_fix: [{ type: 'http', url: 'https://a', method: 'CONNECT' }] }],
    ['a header with a line break', { pre_fix: [{ type: 'http', url: 'https://a', headers: { 'A\r\nB': 'c' } }] }],
    ['a URL among the allowed hosts', { pre_fix: [{ type: 'http', url: 'https://a', allow_hosts: ['http://b/'] }] }],
    ['a module by path', { pre_fix: [{ type: 'python', module: '../a', function: 'f' }] }],
  ])('%s', (_, hooks) => {
    expect(issues(hooks).length).toBeGreaterThan(0)
  })
})

it('finds what is wrong in templates, at their place', () => {
  const hooks = parse(`
pre_fix:
  - {type: script, path: "{{ no }}", args: [ok, "{{ vm_nmae }}"], env: {A: {env: B}, C: "{{ os"}, when: os = 1}
  - {type: http, url: "https://a/{{ x }}", body: {a: [{b: "{{ os | nope }}"}]}, headers: {H: "{{ machine }}"}}
`)
  const found = hookTemplateIssues(hooks, ['hooks'])
  expect(found.map(({ summary }) => summary)).toEqual([
    'hooks.pre_fix[0].when: what stands here is no operator, at line 1 column 5 of the text',
    'hooks.pre_fix[0].args[1]: unknown name "vm_nmae", at line 1 column 4 of the text',
    'hooks.pre_fix[0].env.C: output "{{ os" not closed, at line 1 column 1 of the text',
    'hooks.pre_fix[1].url: unknown name "x", at line 1 column 14 of the text',
    'hooks.pre_fix[1].body.a[0].b: there is no filter "nope", at line 1 column 1 of the text',
  ])
  expect(found.map(({ path }) => path.at(-1))).toEqual(['when', 1, 'C', 'url', 'b'])
  expect(found[1]).toMatchObject({ code: 'TEMPLATE_INVALID', hint: 'did you mean "vm_name"?' })
})
