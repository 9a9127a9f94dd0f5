import type { Notice, NoticeTarget } from '../core/notice.ts'
import type { Problem } from '../core/problem.ts'

/** Tells people elsewhere. */
export interface Notifier {
  /** Gives why it could not be told, after a bounded number of attempts, as a warning. Aborted, it tries no further. */
  send(notice: Notice, target: NoticeTarget, signal: AbortSignal): Promise<Problem | undefined>
}
