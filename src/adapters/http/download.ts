import { problem } from '../../core/problem.ts'
import type { Arrival } from '../../ports/web.ts'
import { addressName, type RequestOptions, request } from './request.ts'

/** What a server sends, to be read once. */
export interface Download {
  readonly bytes: Arrival
  /** As the server says; undefined when it does not know before. */
  readonly lengthBytes?: number
}

/**
 * Asks for a whole file, by https, or by http from this host itself.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE
 */
export async function download(url: URL, options: RequestOptions, signal: AbortSignal): Promise<Download> {
  const { status, headers, bytes } = await request(url, options, signal)
  if (status === 206) {
    bytes.close()
    throw problem('SOURCE_UNREADABLE', `${addressName(url)} answers with a part, though nobody asked for one`)
  }
  const length = headers['content-length']
  return { bytes, ...(length === undefined ? {} : { lengthBytes: Number(length) }) }
}
