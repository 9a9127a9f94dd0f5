import { type Place, problem } from '../../core/problem.ts'
import { localName, textOf, type XmlElement } from '../../core/xml.ts'
import { hrefName } from './names.ts'

/** `References/File`: a file beside the descriptor. */
export interface OvfFile {
  readonly href: string
  readonly bytes?: number
  /** Why h2k cannot read a disk from it. */
  readonly packing?: string
  readonly at: Place
}

/** Elements of a kind: by name, or as OVF 0.9 has it, `Section` and `Content` with an `xsi:type`. */
export function ofKind(element: XmlElement, kind: string): readonly XmlElement[] {
  return element.children.filter((each) => {
    if (each.name === kind) return true
    const { type } = each.attributes
    return (
      (each.name === 'Section' || each.name === 'Content') && type !== undefined && localName(type) === `${kind}_Type`
    )
  })
}

/** The files of the descriptor by id. @throws ProblemError OVF_INVALID, and what `hrefName` throws */
export function readFiles(envelope: XmlElement, file: string): ReadonlyMap<string, OvfFile> {
  const files = new Map<string, OvfFile>()
  for (const element of ofKind(envelope, 'References').flatMap((references) => ofKind(references, 'File'))) {
    const at = { file, line: element.line }
    const { id, href, size, compression, chunkSize } = element.attributes
    if (!id || !href) throw problem('OVF_INVALID', `${file}: a File without ${id ? 'an href' : 'an id'}`, { at })
    if (files.has(id)) throw problem('OVF_INVALID', `${file}: two Files have the id ${JSON.stringify(id)}`, { at })
    const packing = packingOf(compression, chunkSize)
    files.set(id, {
      href: hrefName(href, at),
      at,
      ...(size !== undefined && /^\d{1,15}$/.test(size) ? { bytes: Number(size) } : {}),
      ...(packing === undefined ? {} : { packing }),
    })
  }
  return files
}

/**
 * The one machine that the descriptor is about.
 * @throws ProblemError OVF_INVALID when there is none, OVF_UNSUPPORTED naming them when there are several
 */
export function onlySystem(envelope: XmlElement, file: string): XmlElement {
  const [system, ...others] = systemsIn(envelope)
  if (system === undefined) {
    throw problem('OVF_INVALID', `${file} describes no machine: it has no VirtualSystem`, {
      at: { file, line: envelope.line },
    })
  }
  if (others.length === 0) return system
  const names = [system, ...others].map((each) => JSON.stringify(systemName(each) ?? '')).join(', ')
  throw problem('OVF_UNSUPPORTED', `${file} describes ${others.length + 1} machines: ${names}`, {
    hint: 'export each machine on its own, not the vApp',
    at: { file, line: others[0]?.line ?? 1 },
  })
}

export function systemName(system: XmlElement): string | undefined {
  return textOf(system, 'Name') ?? (system.attributes.id || undefined)
}

function systemsIn(element: XmlElement): readonly XmlElement[] {
  const nested = ofKind(element, 'VirtualSystemCollection').flatMap(systemsIn)
  return [...ofKind(element, 'VirtualSystem'), ...nested]
}

function packingOf(compression: string | undefined, chunkSize: string | undefined): string | undefined {
  if (compression && compression !== 'identity') return `packed with ${JSON.stringify(compression)}`
  return chunkSize ? 'cut into chunks' : undefined
}
