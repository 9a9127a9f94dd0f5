import { Args, Flags, type Interfaces } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { exitCodeOf } from '../cli/exit-code.ts'

type Relationships = NonNullable<Interfaces.Flag<unknown>['relationships']>
// What only says something of a domain.
const ofLibvirt: Relationships = [{ type: 'some', flags: ['libvirt-xml', 'domain'] }]

export default class Import extends H2kCommand {
  static override summary =
    'Write the manifest of a machine in an OVA, an OVF, an image file or a domain XML of libvirt; or make a workspace of another tool’s files.'
  static override description =
    'Everything that the source says of the machine is written out, so that a reviewer sees it. The disks are not copied.'
  static override examples = [
    '<%= config.bin %> import /exports/web01.ova --bridge "VM Network=br0"',
    '<%= config.bin %> import /exports/db01/db01.ovf',
    '<%= config.bin %> import https://images.example.com/exports/web01.ova',
    '<%= config.bin %> import disk.vmdk --name app01 --cpu 4 --memory 8 --firmware uefi',
    '<%= config.bin %> import --libvirt-xml web01.xml --libvirt-xml db01.xml --checksums',
    '<%= config.bin %> import --domain web01 --uri qemu+ssh://root@kvm1/system',
    '<%= config.bin %> import --domain web01 --connection old',
    '<%= config.bin %> -C exit-2026 import --from vmware2scw migration.yaml plan.yaml',
    'virsh dumpxml --inactive web01 | <%= config.bin %> import --libvirt-xml - --pool-path default=/var/lib/libvirt/images',
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description:
        '.ova .ovf .vmdk .qcow2 .raw .img .vhd .vhdx .vdi; several; also the https:// address of the first three',
    }),
  }
  static override flags = {
    from: Flags.option({
      options: ['vmware2scw'] as const,
      exclusive: ['libvirt-xml', 'domain', 'name', 'cpu', 'memory', 'firmware', 'bridge', 'out', 'force'],
      description: 'make a workspace of a migration.yaml, a plan, or both',
    })(),
    'libvirt-xml': Flags.string({
      multiple: true,
      exclusive: ['cpu', 'memory', 'firmware'],
      helpValue: 'FILE',
      description: 'a domain as virsh dumpxml prints it; - is standard input',
    }),
    domain: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['cpu', 'memory', 'firmware'],
      helpValue: 'NAME',
      description: 'a domain of the libvirt at --uri, by its name or UUID',
    }),
    uri: Flags.string({
      description: 'of libvirt, such as qemu+ssh://root@kvm1/system; qemu:///system without it',
      dependsOn: ['domain'],
    }),
    connection: Flags.string({
      description:
        'a connection of the workspace to a libvirt, in place of --uri; the manifest names it, for cutover.source_action',
      dependsOn: ['domain'],
      exclusive: ['uri'],
    }),
    name: Flags.string({ description: 'the machine’s name; else what the source calls it' }),
    cpu: Flags.integer({ min: 1, helpValue: 'N', description: 'virtual CPUs, where the source does not say' }),
    memory: Flags.integer({ min: 1, helpValue: 'GIB', description: 'memory, where the source does not say' }),
    firmware: Flags.option({ options: ['bios', 'uefi'] as const, description: 'where the source does not say' })(),
    bridge: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NETWORK=BRIDGE',
      description: 'which bridge a source network becomes; else libvirt’s network "default", or with libvirt the same',
    }),
    'pool-path': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'POOL=FOLDER',
      description: 'libvirt: where the volumes of a pool lie',
      relationships: ofLibvirt,
    }),
    moved: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FROM=TO',
      description: 'libvirt: where a file or folder that the XML names lies here',
      relationships: ofLibvirt,
    }),
    'disk-size': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'DISK=SIZE',
      description: 'libvirt: the size of a disk whose image is not here yet, such as vda=20GiB',
      relationships: ofLibvirt,
    }),
    'skip-disk': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'DISK',
      description: 'libvirt: leave out a disk, such as vdb',
      relationships: ofLibvirt,
    }),
    checksums: Flags.boolean({
      description: 'libvirt: write down the SHA-256 of each image',
      relationships: ofLibvirt,
    }),
    out: Flags.string({ helpValue: 'FILE', description: 'else manifests/NAME.yaml; - is standard output' }),
    force: Flags.boolean({ description: 'overwrite the manifest' }),
  }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Import)
    const files = argv.map(String)
    if (flags.from) return await this.workspace(files, this.folder(flags))
    const { importSources } = await import('../cli/import-sources.ts')
    const { imported, problems } = await importSources(files, { ...flags, folder: this.folder(flags) })
    for (const { text, file, name, notes, warnings } of imported) {
      if (file === undefined) this.say(text.trimEnd())
      else this.say(`wrote ${file} (machine.${name})`)
      const found = { code: 'SOURCE_DIFFERS', address: `machine.${name}` } as const
      this.report(notes.map((summary) => ({ ...found, severity: 'info', summary })))
      this.report(warnings.map((summary) => ({ ...found, severity: 'warning', summary })))
    }
    this.report(problems)
    const machines = imported.map(({ text, file, name, notes, warnings }) => {
      return { file: file ?? null, name, text, notes: [...notes], warnings: [...warnings] }
    })
    return { data: { machines }, ...(problems.length > 0 ? { exitCode: exitCodeOf(problems) } : {}) }
  }
  private async workspace(files: readonly string[], folder: string): Promise<Outcome> {
    const { importWorkspace } = await import('../cli/import-workspace.ts')
    const { written, warnings } = await importWorkspace(files, folder)
    for (const file of written) this.say(`wrote ${file}`)
    this.report(warnings.map((summary) => ({ severity: 'warning', code: 'SOURCE_DIFFERS', summary })))
    return { data: { written: [...written], warnings: [...warnings] } }
  }
}
