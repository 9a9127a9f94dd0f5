import { type Appliance, CallError } from './appliance.ts'

/** A path of Windows as it is spelt on the disk; undefined when it is not there. */
export async function spelt({ call }: Pick<Appliance, 'call'>, path: string): Promise<string | undefined> {
  try {
    const found = await call<string>('case_sensitive_path', [path])
    return (await call<boolean | number>('exists', [found])) ? found : undefined
  } catch (error) {
    if (error instanceof CallError) return undefined
    throw error
  }
}
