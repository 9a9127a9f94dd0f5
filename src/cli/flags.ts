import { Flags } from '@oclif/core'

/** Flags that choose machines, the same for every command that has them. */
export const selectionFlags = {
  only: Flags.string({ multiple: true, helpValue: 'ADDRESS', description: 'these machines only; * and ? match' }),
  exclude: Flags.string({ multiple: true, helpValue: 'ADDRESS', description: 'all but these machines' }),
}

/** Flags that shape a plan. */
export const planFlags = {
  ...selectionFlags,
  wave: Flags.string({ helpValue: 'NAME', description: 'the machines of this wave only' }),
  redo: Flags.string({
    multiple: true,
    helpValue: 'ADDRESS',
    description: 'run this machine or stage again although nothing changed',
  }),
  refresh: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'look whether what was recorded is still there',
  }),
}

/** What the flags above say, with nothing left out. */
export function planOptions(flags: {
  readonly only?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly wave?: string | undefined
  readonly redo?: readonly string[] | undefined
  readonly refresh?: boolean | undefined
}) {
  const { only = [], exclude = [], wave, redo = [], refresh = true } = flags
  return { only, exclude, redo, refresh, ...(wave === undefined ? {} : { wave }) }
}
