import { expect, it } from 'vitest'
import { domainWith, importedFrom } from './imported.ts'

const importedOs = (os: string, attributes = '') => {
  const text = domainWith({ os: `<type arch="x86_64" machine="q35">hvm</type>${os}` })
  const { manifest } = importedFrom(text.replace('<os>', `<os${attributes}>`))
  const told = (manifest.warnings ?? []).map(({ message }) => message).filter((message) => !message.includes('no disk'))
  return { vm: manifest.vm, told }
}
const flash = (attributes = '', path = '/f/code.fd') =>
  `<loader readonly="yes" type="pflash"${attributes}>${path}</loader>`

it('firmware of the domain’s own is kept, with what its variables are begun with', () => {
  const { vm, told } = importedOs(`${flash(' secure="yes"')}<nvram template="/f/vars.fd">/n/vars.fd</nvram>`)
  expect(vm).toMatchObject({ firmware: 'uefi', secureboot: true, loader: '/f/code.fd', nvram_template: '/f/vars.fd' })
  expect(told).toEqual([
    'the UEFI variables in /n/vars.fd, such as boot entries, are not taken over',
    'vm.loader: the target has to have /f/code.fd; without the key libvirt chooses one',
  ])
  const bare = importedOs(flash())
  expect(bare.vm).toMatchObject({ loader: '/f/code.fd' })
  expect(bare.told.join()).toContain('and libvirt know what its variables are begun with')
})

it.each([
  ['which libvirt chose', flash(), ' firmware="efi"', []],
  ['of QEMU’s BIOS', '', '', []],
  ['that keeps its variables in itself', '<loader type="pflash">/f/all.fd</loader>', '', ['in no file of their own']],
  ['without variables', flash(' stateless="yes"'), '', ['in no file of their own']],
  ['in a ROM', '<loader type="rom">/f/OVMF.fd</loader>', '', ['in no file of their own']],
  ['that is a BIOS', '<loader type="rom">/f/bios.bin</loader>', '', ['here it is the BIOS of QEMU']],
  ['at no path', flash('', 'code.fd'), '', ['is no path on a host']],
  [
    'with variables elsewhere',
    '<nvram type="network"><source protocol="iscsi" name="a/0"/></nvram>',
    ' firmware="efi"',
    ['the UEFI variables behind a source of type network are not taken over'],
  ],
])('firmware %s is not', (_name, os, attributes, expected) => {
  const { vm, told } = importedOs(os, attributes)
  expect(vm).not.toHaveProperty('loader')
  expect(vm).not.toHaveProperty('nvram_template')
  expect(told).toEqual(expected.map((words) => expect.stringContaining(words)))
})
