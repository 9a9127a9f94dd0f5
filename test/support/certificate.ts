import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes a key and a certificate of localhost, good for two days, as `key.pem` and `ca.pem` of a folder. */
export function localhostCertificate(folder: string): { key: Buffer; cert: string; caFile: string } {
  const [key, caFile] = [join(folder, 'key.pem'), join(folder, 'ca.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', caFile], { stdio: 'pipe' })
  return { key: readFileSync(key), cert: readFileSync(caFile, 'utf8'), caFile }
}
