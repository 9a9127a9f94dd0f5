/**
 * Python: ends what runs in this process's group, again and again until twice nobody was found, since one may be starting
 * another; after ten seconds it gives up.
 */
export const endOfGroup = `
def members():
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open("/proc/%s/stat" % name, encoding="latin-1") as file:
                state, _, group = file.read().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == os.getpgrp() and state not in "ZX":
            yield int(name)

def end_group():
    quiet = 0
    for _ in range(100):
        found = list(members())
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        quiet = 0 if found else quiet + 1
        if quiet == 2:
            break
        time.sleep(0.1)
`

/**
 * For `python3 -c`: hands calls on to libguestfs. Each line of input is a call, `{"call": NAME, "args": […], "options": {…}}`,
 * and is answered on file descriptor 3 by `{"result": …}` or `{"error": TEXT}`. Bytes travel as
 * `{"base64": TEXT}`. At the end of the input the appliance is ended, and libguestfs puts its temporary files away.
 */
export const applianceProgram = `
import base64, json, os, queue, signal, sys, threading, time, traceback

os.set_inheritable(3, False)
answers = os.fdopen(3, "w", encoding="utf-8")
lines = queue.Queue()
closed, swept = threading.Event(), threading.Event()
${endOfGroup}
def listen():
    for line in sys.stdin.buffer:
        lines.put(line)
    calling = lines.unfinished_tasks > 0
    lines.put(None)
    # A call that is under way would wait for the appliance for ever; without one libguestfs puts things in order first.
    if not calling:
        closed.wait(10)
    end_group()
    swept.set()
    time.sleep(10)
    os._exit(1)

# A handler of its own, and not SIG_IGN, which the appliance would inherit: the end of the input comes with the signal.
signal.signal(signal.SIGTERM, lambda *_: None)
threading.Thread(target=listen, daemon=True).start()

def given(value):
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return [given(one) for one in value] if isinstance(value, list) else value

def plain(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value

try:
    import guestfs
    appliance = guestfs.GuestFS(python_return_dict=True)
    missing = None
except ImportError as error:
    missing = str(error)

def answer(line):
    if missing is not None:
        return {"missing": missing}
    call = json.loads(line)
    try:
        result = getattr(appliance, call["call"])(*given(call["args"]), **call.get("options", {}))
        return {"result": plain(result)}
    except Exception as error:
        return {"error": str(error)}

# Without _exit Python would wait for the thread.
try:
    while True:
        line = lines.get()
        if line is None:
            break
        text = json.dumps(answer(line))
        lines.task_done()
        try:
            answers.write(text + "\\n")
            answers.flush()
        except BrokenPipeError:
            break
    if missing is None:
        appliance.close()
    closed.set()
    swept.wait(10)
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
os._exit(0)
`
