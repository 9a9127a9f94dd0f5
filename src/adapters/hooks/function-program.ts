// Both programs read what they are given from standard input and report on file descriptor 3, so that nothing which
// the user's function prints can be taken for its result. `result` is what it returned.

/** For `python3 -c`. */
export const pythonProgram = `
import importlib, inspect, json, os, sys, traceback

given = json.load(sys.stdin)
sys.path[: 1 if sys.path[:1] == [""] else 0] = given["pythonpath"]
os.set_inheritable(3, False)

def run():
    target = importlib.import_module(given["module"])
    for name in given["function"].split("."):
        target = getattr(target, name, None)
    if not callable(target):
        return {"missing": True}
    args = given["args"]
    try:
        takes_context = "context" in inspect.signature(target).parameters
    except ValueError:
        takes_context = False
    if takes_context and "context" not in args:
        args = {**args, "context": given["context"]}
    return {"result": target(**args)}

try:
    report = run()
except BaseException as error:
    traceback.print_exc()
    frames = traceback.extract_tb(error.__traceback__)
    at = 'File "%s", line %s, in %s' % tuple(frames[-1])[:3]
    message = traceback.format_exception_only(type(error), error)[-1].strip()
    report = {"error": message, "at": at}

with os.fdopen(3, "w", encoding="utf-8") as channel:
    json.dump(report, channel, default=str)
`

/** For `node --input-type=module -e`. */
export const nodeProgram = `
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const given = JSON.parse(readFileSync(0, 'utf8'))

async function run() {
  const module = await import(pathToFileURL(given.path))
  const target = module[given.function] ?? module.default?.[given.function]
  if (typeof target !== 'function') return { missing: true }
  return { result: (await target(given.context, given.args)) ?? null }
}

function failed(error) {
  console.error(error)
  const at = error?.stack?.split('\\n').find((line) => /^\\s+at /.test(line))?.trim()
  return { error: error instanceof Error ? String(error) : \`it threw \${String(error)}\`, at }
}

writeFileSync(3, JSON.stringify(await run().catch(failed)))
process.exit(0)
`
