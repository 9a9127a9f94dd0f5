import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Import extends H2kCommand {
  static override summary = 'Write the manifest of a machine in an OVA, an OVF or an image file.'
  static override description =
    'Everything that the source says of the machine is written out, so that a reviewer sees it. The disks are not copied.'
  static override examples = [
    '<%= config.bin %> import /exports/web01.ova --bridge "VM Network=br0"',
    '<%= config.bin %> import /exports/db01/db01.ovf',
    '<%= config.bin %> import disk.vmdk --name app01 --cpu 4 --memory 8 --firmware uefi',
  ]
  static override args = {
    file: Args.string({ required: true, description: '.ova .ovf .vmdk .qcow2 .raw .img .vhd .vhdx .vdi' }),
  }
  static override flags = {
    name: Flags.string({ description: 'the machine’s name; else what the source calls it' }),
    cpu: Flags.integer({ min: 1, helpValue: 'N', description: 'virtual CPUs, where the source does not say' }),
    memory: Flags.integer({ min: 1, helpValue: 'GIB', description: 'memory, where the source does not say' }),
    firmware: Flags.option({ options: ['bios', 'uefi'] as const, description: 'where the source does not say' })(),
    bridge: Flags.string({
      multiple: true,
      helpValue: 'NETWORK=BRIDGE',
      description: 'which bridge a source network becomes; else libvirt’s network "default"',
    }),
    out: Flags.string({ helpValue: 'FILE', description: 'else manifests/NAME.yaml; - is standard output' }),
    force: Flags.boolean({ description: 'overwrite the manifest' }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Import)
    const { importMachine } = await import('../cli/import-machine.ts')
    const { text, file, name, notes } = await importMachine(args.file, { ...flags, folder: this.folder(flags) })
    if (file === undefined) this.say(text.trimEnd())
    else this.say(`wrote ${file} (machine.${name})`)
    for (const note of notes) this.report([{ severity: 'warning', code: 'OVF_UNSUPPORTED', summary: note }])
    return { data: { file: file ?? null, name, text, notes: [...notes] } }
  }
}
