import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { printable } from './printable.ts'
import { problem } from './problem.ts'

/** Somebody's signature under a saved plan. */
export interface PlanSignature {
  readonly algorithm: 'ed25519'
  /** Which key: the sha256, in hex, of its public half (DER, SubjectPublicKeyInfo). */
  readonly key: string
  /** Base64. */
  readonly value: string
}

/** A key for plans: it verifies, and signs where its private half is there. */
export interface PlanKey {
  readonly id: string
  readonly publicKey: KeyObject
  readonly privateKey?: KeyObject
}

/** A saved plan as far as its signature goes. */
export interface Signed {
  readonly digest: string
  readonly signature?: PlanSignature
}

/**
 * Reads a key in PEM: `PRIVATE KEY` (PKCS#8) or `PUBLIC KEY` (SubjectPublicKeyInfo). `where` is how messages name it, which never
 * show the key.
 * @throws ProblemError PLAN_KEY_INVALID
 */
export function readPlanKey(pem: string, where: string): PlanKey {
  const refuse = (why: string) => {
    const hint = 'openssl genpkey -algorithm ed25519 -out plan.pem; openssl pkey -in plan.pem -pubout -out plan.pub.pem'
    return problem('PLAN_KEY_INVALID', `${printable(where)} ${why}`, { hint })
  }
  const privately = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(pem))
    throw refuse('holds an encrypted key, and nobody can be asked for its passphrase')
  let key: KeyObject
  try {
    key = privately ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    // OpenSSL's words say nothing that helps.
    throw refuse('holds no key in PEM')
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw refuse(`holds a key for ${key.asymmetricKeyType ?? 'something else'}, not for ed25519`)
  const publicKey = privately ? createPublicKey(key) : key
  const id = hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex')
  return { id, publicKey, ...(privately ? { privateKey: key } : {}) }
}

/** The same plan with a signature. @throws ProblemError PLAN_KEY_INVALID for a key without its private half */
export function signPlan<T extends Signed>(saved: T, { id, privateKey }: PlanKey): T {
  if (!privateKey) {
    throw problem('PLAN_KEY_INVALID', 'H2K_PLAN_KEY holds a public key, which cannot sign', {
      hint: 'set it to the private key where plans are saved',
    })
  }
  const value = sign(null, message(saved), privateKey).toString('base64')
  return { ...saved, signature: { algorithm: 'ed25519', key: id, value } }
}

/** @throws ProblemError PLAN_UNSIGNED, PLAN_ALTERED unless one of the keys signed it */
export function requireSignature(saved: Signed, file: string, keys: readonly PlanKey[]): void {
  const { signature } = saved
  const name = printable(file)
  const hint = 'H2K_PLAN_KEY=KEY.pem h2k plan --out FILE writes one that is signed'
  if (!signature) throw problem('PLAN_UNSIGNED', `${name} is not signed`, { hint })
  const key = keys.find(({ id }) => id === signature.key)
  if (!key) {
    const summary = `${name} is signed with another key: ${signature.key.slice(0, 16)}, not ${keys.map(({ id }) => id.slice(0, 16)).join(' or ')}`
    throw problem('PLAN_UNSIGNED', summary, { hint })
  }
  if (!fits(saved, key)) throw problem('PLAN_ALTERED', `${name} does not fit its signature`, { hint: 'plan again' })
}

function fits({ digest, signature }: Signed, { publicKey }: PlanKey): boolean {
  return verify(null, message({ digest }), publicKey, Buffer.from(signature?.value ?? '', 'base64'))
}

// What is signed here is good for nothing else.
function message({ digest }: Pick<Signed, 'digest'>): Buffer {
  return Buffer.from(`h2k saved plan, version 1\n${digest}\n`)
}
