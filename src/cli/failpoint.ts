import { failurePoints, type Reached } from '../app/run-stage.ts'
import { problem } from '../core/problem.ts'
import { isDeedName, isStageName } from '../core/stage-names.ts'

/**
 * Stops the program where `H2K_FAILPOINT=STAGE:POINT:kill|error` says, so that anyone can see that a re-apply resumes:
 * `convert:in-effect:kill` ends h2k as the kernel would, `error` fails that stage.
 */
export function failpointFrom(environment: Readonly<Record<string, string | undefined>>): Reached {
  const wanted = environment.H2K_FAILPOINT
  if (!wanted) return () => undefined
  const [wantedStage, wantedPoint, how] = wanted.split(':')
  const known =
    (isStageName(wantedStage ?? '') || isDeedName(wantedStage ?? '') || wantedStage === 'destroy') &&
    failurePoints.some((point) => point === wantedPoint)
  if (!known || (how !== 'kill' && how !== 'error')) {
    throw problem('USAGE', `H2K_FAILPOINT=${wanted}: it is STAGE:POINT:kill or STAGE:POINT:error`, {
      hint: `points are ${failurePoints.join(', ')}`,
    })
  }
  return (_machine, stage, point) => {
    if (stage !== wantedStage || point !== wantedPoint) return
    if (how === 'error') throw problem('FAILPOINT', `stopped at ${stage}:${point} as H2K_FAILPOINT asks`)
    process.kill(process.pid, 'SIGKILL')
    // The signal is delivered before this ends; nothing else may happen until then.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  }
}
