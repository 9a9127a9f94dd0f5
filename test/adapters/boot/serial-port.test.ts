import { describe, expect, test } from 'vitest'
import { serialPort } from '../../../src/adapters/boot/serial-port.ts'

describe('a serial port', () => {
  test.each([
    ['a login prompt', 'Debian GNU/Linux 12 web01 ttyS0\r\n\r\nweb01 login: ', 'web01 login:'],
    ['a prompt behind the screen modes of UEFI', '\x1b[=3h\x1b[2J\x1b[=3hweb01 login: ', 'web01 login:'],
    ['a prompt in colours', '\x1b[0;1mopenSUSE\x1b[0m\r\n\x1b[32mapp login:\x1b[0m ', 'app login:'],
  ])('shows %s', (_name, text, saw) => {
    expect(serialPort(undefined).take(text)).toEqual({ up: true, sign: 'login prompt', saw })
  })

  test.each([
    ['what was printed at a login', 'Last login: '],
    ['a message about a login', 'systemd[1]: Starting User login: management\r\n'],
    ['half a prompt', 'web01 log'],
  ])('does not take %s for a prompt', (_name, text) => {
    expect(serialPort(undefined).take(text)).toBeUndefined()
  })

  test('finds the expected text however it arrives in pieces, and nothing else counts', () => {
    const port = serialPort('app is ready')
    expect(port.take('web01 login: \r\n')).toBeUndefined()
    expect(port.take('[  OK  ] app is')).toBeUndefined()
    expect(port.take(' ready\r\n')).toEqual({ up: true, sign: 'expected text', saw: '[  OK  ] app is ready' })
  })

  test.each([
    ['a panic', '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n', /^\[ +2\.1\] .*root fs$/],
    ['the shell of initramfs-tools', 'ALERT!  /dev/sda1 does not exist.\r\n(initramfs) ', /^\(initramfs\)$/],
    ['the shell of dracut', '\r\ndracut:/# ', /^dracut:\/#$/],
    ['emergency mode', 'You are in emergency mode. After logging in\r\n', /^You are in emergency mode/],
    ['GRUB that finds nothing', 'error: no such partition.\r\ngrub rescue> ', /^grub rescue>$/],
  ])('shows %s, after which nothing comes', (_name, text, saw) => {
    expect(serialPort('ready').take(text)).toEqual({ up: false, saw: expect.stringMatching(saw) })
  })

  test('keeps the beginning and the end of a guest that prints without end', () => {
    const port = serialPort('never')
    port.take('first\r\n')
    for (let line = 0; line < 300; line++) port.take(`${'x'.repeat(10_000)}\r\n`)
    port.take('last\r\n')
    const text = port.text()
    expect(text.length).toBeLessThan(1.1 * 1024 * 1024)
    expect(text.startsWith('first')).toBe(true)
    expect(text.endsWith('last\r\n')).toBe(true)
    expect(text).toMatch(/\[\d+ characters left out\]/)
    expect(port.lastLines(1)).toBe('last')
  })
})
