import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { createBoots } from '../adapters/boot/boots.ts'
import { serialPort } from '../adapters/boot/serial-port.ts'
import { discardCopy } from '../adapters/copy/checkpoint.ts'
import { imageCopier, swapMeter } from '../adapters/copy/copier.ts'
import { copyThreads } from '../adapters/copy/copy-image.ts'
import { whyNoLibdeflate } from '../adapters/copy/libdeflate.ts'
import { streamCopier } from '../adapters/copy/stream/copy-stream.ts'
import { remoteSwap } from '../adapters/copy/stream/remote-swap.ts'
import { findTool } from '../adapters/exec/find-tool.ts'
import { createRunner } from '../adapters/exec/runner.ts'
import { sha256, startDigest } from '../adapters/files/digest.ts'
import { createFiles } from '../adapters/files/files.ts'
import { createRunLog } from '../adapters/files/run-log.ts'
import { unwritable } from '../adapters/files/unwritable.ts'
import { completeFile, flush, partialName } from '../adapters/files/write-whole.ts'
import { kvmWorks } from '../adapters/guestfs/acceleration.ts'
import { createGuests } from '../adapters/guestfs/guests.ts'
import { createHooks } from '../adapters/hooks/hooks.ts'
import { createNotifier } from '../adapters/hooks/notifier.ts'
import { createClock } from '../adapters/host/clock.ts'
import { encryptionOf } from '../adapters/host/encryption.ts'
import { gitCommit } from '../adapters/host/git-commit.ts'
import { reach } from '../adapters/host/reach.ts'
import { arrivingDisks, arrivingSwap } from '../adapters/http/arriving-disk.ts'
import type { WebConnection } from '../adapters/http/credentials.ts'
import { wholeFetcher } from '../adapters/http/fetch-whole.ts'
import { createWeb } from '../adapters/http/web.ts'
import { rememberedHeaders } from '../adapters/image-header/remembered.ts'
import { detectImageFormat, readArrivingVmdk, readImageHeader, withOpenImage } from '../adapters/image-header.ts'
import { domainPower } from '../adapters/libvirt/domain-power.ts'
import { libvirtTarget } from '../adapters/libvirt/libvirt-target.ts'
import { domainSchema } from '../adapters/libvirt/schema.ts'
import { serialConsole } from '../adapters/libvirt/serial-console.ts'
import { importedDomain } from '../adapters/libvirt/source-domain.ts'
import { createVirsh } from '../adapters/libvirt/virsh.ts'
import { ovfFolderArchive } from '../adapters/ovf/folder.ts'
import { claimedOva, ovaArchive } from '../adapters/ovf/ova.ts'
import { claimedOvf } from '../adapters/ovf/remote-folder.ts'
import { remoteSource } from '../adapters/ovf/remote-source.ts'
import { createPolicyCommands } from '../adapters/policy/commands.ts'
import { createDisks } from '../adapters/qemu/disks.ts'
import { rbdImages } from '../adapters/qemu/rbd.ts'
import { archiveSource } from '../adapters/source/archive-source.ts'
import { localSource } from '../adapters/source/local-source.ts'
import { forecastDisk } from '../adapters/source/remote-disk.ts'
import { createSource } from '../adapters/source/source.ts'
import { webSource } from '../adapters/source/web-source.ts'
import { sqliteVersion } from '../adapters/sqlite/connect.ts'
import { linuxHost } from '../adapters/sqlite/host.ts'
import { openState } from '../adapters/sqlite/open-state.ts'
import { driftOfFile, findDomainFile, writeDomainFile } from '../adapters/target/domain-file.ts'
import { filesTarget } from '../adapters/target/files-target.ts'
import { createTarget } from '../adapters/target/targets.ts'
import { createParseCache } from '../adapters/workspace/parse-cache.ts'
import { createWorkspaceFiles } from '../adapters/workspace/workspace-files.ts'
import type { OpenWorkspace } from '../app/check-workspace.ts'
import { loadConfig } from '../app/load-workspace.ts'
import { createOpenGuests } from '../app/open-guests.ts'
import { relocatedState } from '../app/relocated-state.ts'
import type { Session } from '../app/session.ts'
import type { ImageFormat } from '../core/image.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import { isAddress } from '../core/source-address.ts'
import type { Disks } from '../ports/disks.ts'
import type { StateStore } from '../ports/state.ts'
import type { Web } from '../ports/web.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'
import { policyInput } from '../render/policy-input.ts'
import { failpointFrom } from './failpoint.ts'
import { packageRoot } from './package-root.ts'
import { version } from './version.ts'

/** A workspace's folder, with what reads its files; nothing is kept. */
export function openWorkspace(folder: string): OpenWorkspace {
  const cache: ParseCache = { get: () => undefined, set: () => undefined, save: async () => undefined }
  return { files: createWorkspaceFiles(folder, packageRoot), cache, version, schemas: loadSchemas }
}

export const loadSchemas = async () => (await import('../adapters/json-schema/json-schemas.ts')).createJsonSchemas()

/** Reads `h2k.yaml` in `folder` and connects everything that it names. */
export function connect(folder: string): Session {
  const files = createWorkspaceFiles(folder, packageRoot)
  const config = loadConfig(files)
  const web = createWeb({ connections: webConnections(config, files), environment: process.env })
  const { runner, disks, guests, localFiles, rbd, clock, archives } = connectTools(web)
  const workDirectory = files.resolve('h2k.yaml', config.work_directory ?? '.h2k/work')
  const cache = createParseCache(join(workDirectory, 'parsed.json'))
  const statePath = files.resolve('h2k.yaml', config.state?.path ?? '.h2k/state.db')
  const domainFile = { files: localFiles, checkSchema: domainSchema(runner, findTool) }
  return {
    version,
    config,
    files,
    cache,
    clock,
    schemas: loadSchemas,
    policies: createPolicyCommands(runner),
    policyInput,
    encryptionOf: (path) => encryptionOf(path),
    who: `${userInfo().username}@${hostname()}`,
    notifier: createNotifier({ environment: process.env }),
    context: {
      workspace: config.name,
      root: files.root,
      files: localFiles,
      disks,
      clock,
      hooks: createHooks({ runner, clock, environment: process.env }),
      host: { user: userInfo().username, name: hostname() },
      ...createRunLog(join(dirname(statePath), 'logs')),
      boots: createBoots({ runner, clock, kvmWorks: (signal) => kvmWorks(runner, signal) }),
      source: createSource({
        local: localSource(localFiles, disks),
        ova: archiveSource(archives, localFiles, disks, cache),
        ovf: archiveSource(archives, localFiles, disks, cache),
        web: webSource({
          web,
          cache,
          disks,
          files: localFiles,
          readBeginning: readArrivingVmdk,
          fetchWhole: wholeFetcher(web, { partialName, complete: completeFile, unwritable }),
          archives: remoteArchives(web),
        }),
      }),
      target: createTarget(
        filesTarget(domainFile),
        libvirtTarget({
          clock,
          files: localFiles,
          rbd,
          connect: (uri) => createVirsh(runner, uri, process.env),
          writeDomainFile: (directory, domain, work) => writeDomainFile(domainFile, directory, domain, work),
          findDomainFile: (directory, wanted, signal) => findDomainFile(localFiles, directory, wanted, signal),
          driftOfFile: (file) => driftOfFile(localFiles, file),
        }),
      ),
      domains: domainPower({
        clock,
        connect: (uri) => createVirsh(runner, uri, process.env),
        reach,
        serialPort,
        attach: serialConsole(runner, process.env),
      }),
      guests: createOpenGuests(guests),
      workDirectory,
      concurrency: {
        disk_io: config.concurrency?.disk_io ?? 3,
        guestfs: config.concurrency?.guestfs ?? 2,
        boot_test: config.concurrency?.boot_test ?? 1,
        global: config.concurrency?.global ?? 10,
      },
    },
    commit: (signal) => gitCommit(runner, files.root, signal),
    openState: (mode, leftovers) => {
      const state = openState({
        path: statePath,
        migrations: join(packageRoot, 'state/migrations'),
        backups: join(dirname(statePath), 'backups'),
        host: linuxHost(),
        clock,
        mode,
        ...(leftovers ? { leftovers } : {}),
      })
      return relocatedState(state, files.root)
    },
    reached: failpointFrom(process.env),
  }
}

/** A state in a file that is no workspace's, for reading; one of no lineage where there is none. */
export function openOtherState(path: string): StateStore {
  const folder = join(packageRoot, 'state/migrations')
  return openState({
    path,
    migrations: folder,
    backups: `${path}.none`,
    host: linuxHost(),
    clock: createClock(),
    mode: 'read',
  })
}

function webConnections({ connections = {} }: WorkspaceConfig, files: WorkspaceFiles): readonly WebConnection[] {
  return Object.entries(connections).flatMap(([name, connection]) => {
    if (connection.type !== 'https') return []
    const { url, username, password_env: passwordEnv, token_env: tokenEnv, ca_file: ca } = connection
    const caFile = ca === undefined ? undefined : files.resolve('h2k.yaml', ca)
    return [{ name, url, username, passwordEnv, tokenEnv, caFile }]
  })
}

function remoteArchives(web: Web) {
  return {
    ova: (address: string, signal: AbortSignal) => claimedOva(address, remoteSource(web, signal), signal),
    ovf: (address: string, signal: AbortSignal) => claimedOvf(address, web, signal),
  }
}

/** Web servers, asked as the workspace in a folder says, where there is one. */
export function connectWeb(folder: string) {
  const files = createWorkspaceFiles(folder, packageRoot)
  const connections = existsSync(join(folder, 'h2k.yaml')) ? webConnections(loadConfig(files), files) : []
  const web = createWeb({ connections, environment: process.env })
  return {
    archives: remoteArchives(web),
    async forecast(address: string, format: ImageFormat, signal: AbortSignal) {
      const file = await web.look(address, signal)
      return await forecastDisk(web, readArrivingVmdk, { file, lengthBytes: file.identity.bytes }, { format }, signal)
    },
  }
}

/** What works without a workspace. */
export function connectTools(web: Web = createWeb({ connections: [], environment: {} })) {
  const runner = createRunner()
  const localFiles = createFiles()
  const written = { partialName, complete: completeFile, sha256, unwritable }
  const completion = { ...written, discard: discardCopy, flush }
  const copier = imageCopier({ ...written, open: withOpenImage })
  const copyStream = streamCopier({ ...written, readBeginning: readArrivingVmdk })
  const findSwap = remoteSwap(readArrivingVmdk)
  const engine = `h2k, ${copyThreads()} threads, while it arrived`
  const arriving = arrivingDisks(web, { copy: copyStream, findSwap, engine })
  const [swapHere, swapThere] = [swapMeter({ open: withOpenImage }), arrivingSwap(web, findSwap)]
  const swap: Disks['swap'] = (image, signal) => (isAddress(image.path) ? swapThere : swapHere)(image, signal)
  const disks = createDisks(runner, completion, rememberedHeaders(readImageHeader), copier, arriving, swap, startDigest)
  const guests = createGuests({ runner, overlay: disks.overlay })
  const archives = { ova: ovaArchive, ovf: ovfFolderArchive }
  return {
    runner,
    localFiles,
    disks,
    rbd: rbdImages(runner, localFiles.sha256),
    guests,
    archives,
    clock: createClock(),
    importedDomain: (uri: string, name: string, signal: AbortSignal) =>
      importedDomain(createVirsh(runner, uri, process.env), name, signal),
    findTool,
    detectImageFormat,
    sqliteVersion,
    whyNoLibdeflate,
  }
}
