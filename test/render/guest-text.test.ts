import { expect, it } from 'vitest'
import { repairBranches } from '../../src/render/guest-text.ts'
import { drawn } from '../../src/render/tree.ts'

it('a repair is shown with its diffs, and nothing of a guest reaches the terminal as it is', () => {
  const branches = repairBranches({
    disks: [],
    changes: [
      {
        repair: 'fstab',
        subject: '/etc/fstab',
        summary: '/dev/sda1 -> UUID=1',
        diff: '-/dev/sda1\t/\n+\u001b[31mUUID=1\t/\n',
      },
      { repair: 'tools', subject: 'open-vm-tools', summary: 'removed' },
    ],
    findings: [{ rule: 'guest.fstab', severity: 'warning', subject: '/etc/fstab:2', evidence: 'stays' }],
    fstab: { before: 'a\n', after: 'b\n' },
  })
  expect(drawn({ title: 'fix', children: branches }, true)).toEqual([
    '└─ fix',
    '   ├─ fstab: /etc/fstab: /dev/sda1 -> UUID=1',
    '   │  ├─ -/dev/sda1    /',
    '   │  └─ +\\u{1b}[31mUUID=1    /',
    '   ├─ tools: open-vm-tools: removed',
    '   ├─ warning guest.fstab /etc/fstab:2: stays',
    '   ├─ fstab before',
    '   │  └─ a',
    '   └─ fstab after',
    '      └─ b',
  ])
})
