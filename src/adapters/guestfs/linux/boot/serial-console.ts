import { type Edit, type Guest, type Repair, rewritten } from '../repair.ts'
import { environmentBlock, type LoaderFile, type LoaderFileKind, loaderFiles } from './loader-files.ts'
import { serialLogin } from './serial-login.ts'

/** Kernel, boot loader and login on the first serial port, and on the screen as before. */
export const serialConsole: Repair = {
  name: 'serial-console',
  async detect(guest) {
    if (!guest.request.serialConsole) return []
    const files = await loaderFiles(guest.tree)
    const edits = files.flatMap((file) => withConsole(file))
    return [...edits, ...(await grubOnSerial(guest, files)), ...(await serialLogin(guest))]
  },
}

/** Lines with arguments of a kernel: what comes before the arguments, they, and what comes after. */
const argumentLines: Readonly<Record<LoaderFileKind, RegExp>> = {
  defaults: /^(\s*(?:GRUB_CMDLINE_LINUX|default_kernel_opts)=")([^"]*)(".*)$/,
  menu: /^(\s*(?:linux(?:16|efi)?\s+\S+|set\s+(?:default_)?kernelopts="?))([^"]*)("?)$/,
  entry: /^(options\s)(.*)()$/,
  environment: /^(kernelopts=)(.*)()$/,
  'command-line': /^(\s*)([^#\s].*)()$/,
  legacy: /^(\s*kernel\s+\S+)(.*)()$/,
  extlinux: /^(\s*append\s)(.*)()$/i,
}

function withConsole({ path, kind, content }: LoaderFile): readonly Edit[] {
  const after = content
    .split('\n')
    .map((line) =>
      line.replace(argumentLines[kind], (_line, head: string, words: string, tail: string) => {
        return head + withConsoleArguments(words) + tail
      }),
    )
    .join('\n')
  const opened = serialMenu(kind, after)
  const block = kind === 'environment' && opened !== content ? environmentBlock(opened) : opened
  if (block === undefined) {
    const summary = 'the longer arguments do not fit in its 1024 bytes'
    return [{ kind: 'leave', subject: path, summary, severity: 'warning' }]
  }
  return rewritten(path, content, block, 'console=ttyS0,115200')
}

function withConsoleArguments(words: string): string {
  // Entries that take their arguments from the environment get them there.
  if (/(?:^|\s)console=ttyS0\b/.test(words) || /\$\{?kernelopts\b/.test(words)) return words
  const screen = /(?:^|\s)console=/.test(words) ? '' : 'console=tty0 '
  const space = words === '' || words.endsWith(' ') ? '' : ' '
  return `${words}${space}${screen}console=ttyS0,115200`
}

/** What GRUB legacy and extlinux say at the top of their one file. */
function serialMenu(kind: LoaderFileKind, content: string): string {
  if (kind === 'legacy' && !/^\s*serial\s/m.test(content)) {
    return `serial --unit=0 --speed=115200\nterminal --timeout=5 console serial\n${content}`
  }
  if (kind === 'extlinux' && !/^\s*serial\s/im.test(content)) return `SERIAL 0 115200\n${content}`
  return content
}

const custom = 'serial --unit=0 --speed=115200\nterminal_input --append serial\nterminal_output --append serial\n'

// The menu of every distribution reads it at its end, and it outlives a menu that is made anew.
async function grubOnSerial({ tree }: Guest, files: readonly LoaderFile[]): Promise<readonly Edit[]> {
  const edits: Edit[] = []
  for (const { path, kind, content } of files) {
    if (kind !== 'menu' || !content.includes('custom.cfg') || /^\s*serial\s/m.test(content)) continue
    const file = path.replace(/[^/]+$/, 'custom.cfg')
    const before = (await tree.read(file)) ?? ''
    if (/^\s*serial\s/m.test(before)) continue
    edits.push({ kind: 'write', path: file, content: before + custom, summary: 'the menu on the serial port too' })
  }
  return edits
}
