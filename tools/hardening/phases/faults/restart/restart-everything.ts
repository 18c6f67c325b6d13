import { setTimeout as pause } from 'node:timers/promises';
import { Crew } from '#tools/harness/bots/crew.js';
import type { Step } from '#tools/harness/checker/history.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import type { Stage } from '../stage.js';
import type { RestartSeen, RestartsSeen } from './judge-restarts.js';

const CREW = { bots: 10, channels: 3, postsPerSecond: 30 };
const ROUNDS = 3;
const PATIENCE_MS = 60_000;

/** The system that runs now or is being started. Cleanup must always end the newest one. */
export type Current = { system: Promise<Verbatim> };

/**
 * Kills every process of the system at once, under load, several times. The only thing done then is to start the system
 * again, in the same way as before.
 */
export const restartEverything = async (stage: Stage, current: Current): Promise<RestartsSeen> => {
  const { api, front, prefix, random } = stage;
  const watch = new AnswerWatch();
  const crew = await Crew.gather(
    api,
    random,
    { ...CREW, prefix, onStep: (step) => watch.takeStep(step) },
    front.url,
  );
  try {
    crew.talk();
    const restarts: RestartSeen[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      stage.tell(`everything is killed and started again, ${round} of ${ROUNDS}`);
      await pause(random.between(1_000, 2_000)); // load, killed at a random moment
      restarts.push(await restart(stage, current, crew, watch));
    }
    await crew.settle(PATIENCE_MS);
    return { restarts, saw: await withLog(stage, crew.histories, crew.bots) };
  } finally {
    crew.close();
  }
};

const restart = async (
  { signal }: Stage,
  current: Current,
  crew: Crew,
  watch: AnswerWatch,
): Promise<RestartSeen> => {
  const running = await current.system;
  const acknowledged = crew.count('answered');
  const killedAt = performance.now();
  await running.killTree();
  const goneMs = performance.now() - killedAt;
  watch.begin();
  signal.throwIfAborted(); // otherwise nobody would end the new system
  current.system = running.startAgain();
  await current.system;
  const readyMs = performance.now() - killedAt;
  const isOver = (): boolean => watch.firstAt !== undefined && crew.bots.every(({ atWork }) => atWork);
  const allBack = await waitFor('all bots to be at work', isOver, PATIENCE_MS, 5).catch(() => false);
  return {
    acknowledged,
    goneMs,
    readyMs,
    firstPostMs: watch.firstAt === undefined ? Infinity : watch.firstAt - killedAt,
    allBackMs: allBack ? performance.now() - killedAt : Infinity,
  };
};

/** Records when the first post that was sent after a given moment is acknowledged. */
class AnswerWatch {
  firstAt: number | undefined;
  private since = Infinity;

  begin(): void {
    this.firstAt = undefined;
    this.since = Date.now();
  }

  takeStep(step: Step): void {
    if (step.type === 'answered' && step.sentAt >= this.since) this.firstAt ??= performance.now();
  }
}
