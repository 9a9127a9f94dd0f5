import { z } from 'zod'
import { zone } from './publication.ts'

const text = z.string().min(1)
/** The name of an environment variable. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
const address = z
  .string()
  .refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'must begin with https://')
  .refine((url) => !URL.parse(url)?.username && !URL.parse(url)?.password, 'must hold no user and no password')

/** A web server with disk images and exports. */
export const httpsConnection = z
  .strictObject({
    type: z.literal('https').describe('a web server that exports and images are read from'),
    url: address.describe(
      'such as https://images.example.com/exports/: every source whose address begins with it is asked for with this',
    ),
    username: text.optional().describe('with password_env'),
    password_env: variable.optional().describe('the variable that holds the password'),
    token_env: variable.optional().describe('the variable that holds a bearer token, instead of user and password'),
    ca_file: text
      .optional()
      .describe('PEM file with the certificates to trust instead of the system’s, relative to h2k.yaml'),
  })
  .refine(
    ({ username, password_env }) => (username === undefined) === (password_env === undefined),
    'username and password_env go together',
  )
  .refine(
    ({ token_env, password_env }) => token_env === undefined || password_env === undefined,
    'either token_env or username and password_env',
  )

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
