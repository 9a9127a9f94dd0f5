/** How what is written somewhere ends on a disk, as far as this host sees. */
export type Encryption = 'encrypted' | 'plain' | 'unknown'
