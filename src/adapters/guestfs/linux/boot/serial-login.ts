import { type Edit, type Guest, rewritten } from '../repair.ts'

/** A login on the serial port. systemd makes its own for each `console=` that the kernel is given. */
export async function serialLogin(guest: Guest): Promise<readonly Edit[]> {
  const terminal = await secureTerminal(guest)
  if (guest.linux.init === 'systemd') return terminal
  return [...(await inittab(guest)), ...(await upstart(guest)), ...terminal]
}

async function inittab({ tree, linux }: Guest): Promise<readonly Edit[]> {
  const path = '/etc/inittab'
  const before = await tree.read(path)
  if (before === undefined || /^[^#\n]*respawn:.*\bttyS0\b/m.test(before)) return []
  // Distributions bring the line, switched off.
  const opened = before.replace(/^#\s*(\w*:\w*:respawn:.*\bttyS0\b.*)$/m, '$1')
  if (opened !== before) return rewritten(path, before, opened, 'a login on ttyS0')
  const getty = (await tree.kind('/sbin/agetty')) === undefined ? '/sbin/getty' : '/sbin/agetty'
  const fields = linux.init === 'openrc' && linux.packageSystem === 'apk' ? 'ttyS0::' : 'S0:2345:'
  const end = before.endsWith('\n') || before === '' ? '' : '\n'
  const line = `${fields}respawn:${getty} -L 115200 ttyS0 vt100\n`
  return rewritten(path, before, before + end + line, 'a login on ttyS0')
}

// RHEL 6 has one that follows the kernel's console; Ubuntu 14.04 and older have none.
async function upstart({ tree }: Guest): Promise<readonly Edit[]> {
  const [first, serial, path] = ['/etc/init/tty1.conf', '/etc/init/serial.conf', '/etc/init/ttyS0.conf']
  if (!(await tree.kind(first)) || (await tree.kind(serial)) || (await tree.kind(path))) return []
  const content = [
    'start on stopped rc RUNLEVEL=[2345]',
    'stop on runlevel [!2345]',
    'respawn',
    'exec /sbin/getty -L 115200 ttyS0 vt100',
    '',
  ].join('\n')
  return [{ kind: 'write', path, content, summary: 'a login on ttyS0' }]
}

/** Where root may log in, for systems that restrict it. securetty(5) */
async function secureTerminal({ tree }: Guest): Promise<readonly Edit[]> {
  const path = '/etc/securetty'
  const before = await tree.read(path)
  if (before === undefined || /^ttyS0$/m.test(before)) return []
  return rewritten(path, before, `${before.replace(/\n?$/, '\n')}ttyS0\n`, 'root may log in on ttyS0')
}
