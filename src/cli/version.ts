import packageJson from '../../package.json' with { type: 'json' }

/** Of h2k itself. */
export const version: string = packageJson.version
