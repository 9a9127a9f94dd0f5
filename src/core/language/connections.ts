import { z } from 'zod'
import { zone } from './publication.ts'

const text = z.string().min(1)
/** The name of an environment variable. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
const address = z
  .string()
  .refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'must begin with https://')
  .refine((url) => !URL.parse(url)?.username && !URL.parse(url)?.password, 'must hold no user and no password')

/** A vCenter or ESXi. */
export const vsphereConnection = z.strictObject({
  type: z.literal('vsphere').describe('a vCenter or ESXi; no machine can use it yet'),
  url: address.describe('such as https://vcenter.lab/sdk'),
  username: text,
  password_env: variable.describe('the variable that holds the password'),
  thumbprint: text.optional().describe('SHA-256 of its certificate, for one that nobody signed'),
  insecure: z.boolean().optional().meta({ description: 'takes any certificate', default: false }),
  datacenter: text.optional().describe('where its machines are, when it has several'),
})

/** A project at Scaleway. */
export const scalewayConnection = z.strictObject({
  type: z.literal('scaleway').describe('instances at Scaleway; no machine can go there yet'),
  access_key_env: variable.describe('the variable that holds the access key'),
  secret_key_env: variable.describe('the variable that holds the secret key'),
  project_id: text.optional(),
  zone: zone.optional().meta({ description: 'where machines go', default: 'fr-par-1' }),
  bucket: text.optional().describe('where images wait until they are imported'),
  region: text.optional().describe('of the bucket; that of the zone without it'),
  endpoint: address.optional().describe('of the object storage, where it is not the region’s own'),
})
