import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { readPlanKey, requireSignature, signPlan } from '../../src/core/plan-signature.ts'
import { savePlan } from '../../src/core/saved-plan.ts'
import { refusal } from '../support/refusal.ts'
import { planned, planOf } from './plans.ts'

function pems() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { privatePem, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

const { privatePem, publicPem } = pems()
const key = readPlanKey(privatePem, 'H2K_PLAN_KEY')
const saved = savePlan(planOf([planned('web01')]))
const signed = signPlan(saved, key)
const verifier = readPlanKey(publicPem, 'plan.pub.pem')

it('what the private key signed the public key accepts, and each time it is the same signature', () => {
  requireSignature(signed, 'a.plan', [readPlanKey(pems().publicPem, 'other'), verifier])
  expect(signPlan(saved, key)).toEqual(signed)
  expect(JSON.stringify(signed)).not.toContain(privatePem.split('\n')[1])
})

it('a plan without a signature, with one of another key, or with a wrong one is refused', () => {
  const refused = (plan: typeof signed, keys = [verifier]) => refusal(() => requireSignature(plan, 'a.plan', keys))[0]
  expect(refused(saved)).toMatchObject({ code: 'PLAN_UNSIGNED', summary: 'a.plan is not signed' })
  const other = signPlan(saved, readPlanKey(pems().privatePem, 'x'))
  expect(refused(other)).toMatchObject({ code: 'PLAN_UNSIGNED', summary: expect.stringContaining('with another key') })
  // Its key's name alone proves nothing.
  const pretended = { ...other, signature: { ...other.signature, key: verifier.id } } as typeof signed
  expect(refused(pretended)).toMatchObject({ code: 'PLAN_ALTERED' })
  expect(refused({ ...savePlan(planOf([])), signature: signed.signature } as typeof signed)).toMatchObject({
    code: 'PLAN_ALTERED',
  })
})

it('only a private key signs', () => {
  expect(refusal(() => signPlan(saved, verifier))).toMatchObject([{ code: 'PLAN_KEY_INVALID' }])
})

it('other keys are refused, and never shown', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  const { privateKey } = generateKeyPairSync('ed25519')
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  for (const pem of [
    rsa.toString(),
    locked.toString(),
    'secret text',
    '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----',
  ]) {
    const [told] = refusal(() => readPlanKey(pem, 'H2K_PLAN_KEY'))
    expect(told).toMatchObject({ code: 'PLAN_KEY_INVALID', summary: expect.stringMatching(/^H2K_PLAN_KEY holds /) })
    expect(JSON.stringify(told)).not.toMatch(/c2VjcmV0|secret text/)
  }
})
