import { hash } from 'node:crypto'
import { canonicalJson } from './json.ts'
import { portableText } from './relocate.ts'

/** The sha256, in hex, of a value's canonical JSON: equal values have equal fingerprints, whatever their key order. */
export function fingerprint(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex')
}

/** The fingerprint of a value that is `portable`, for a workspace at `root`. */
export function portableFingerprint(value: unknown, root: string): string {
  return hash('sha256', canonicalJson(value, portableText(root)), 'hex')
}

/** A UUID (RFC 9562, version 8) made of a value's fingerprint, so that the same value always has the same one. */
export function uuidOf(value: unknown): string {
  const hex = fingerprint(value)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
