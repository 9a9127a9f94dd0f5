import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sh } from './measure.ts'

const port = 28_443

/** Serves a folder by nginx with TLS on loopback while `use` runs, told the address and the certificate to trust. */
export async function served(folder: string, use: (url: string, ca: string) => void): Promise<void> {
  const [key, ca, settings] = ['key.pem', 'ca.pem', 'nginx.conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  sh('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, '-keyout', key, '-out', ca])
  const site = `listen 127.0.0.1:${port} ssl; ssl_certificate ${ca}; ssl_certificate_key ${key}; root ${folder};`
  const rest = `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events {}`
  writeFileSync(settings, `${rest} http { access_log off; output_buffers 2 1m; server { ${site} } }\n`)
  const server = spawn('nginx', ['-c', settings], { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(server, 'spawn')
  try {
    use(`https://localhost:${port}`, ca)
  } finally {
    server.kill()
    await once(server, 'exit')
  }
}
