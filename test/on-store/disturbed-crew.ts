import { setTimeout as pause } from 'node:timers/promises';
import { Crew } from '#tools/harness/bots/crew.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { messagesIn } from '#test/faults/read-log.js';
import type { Findings } from './findings.js';
import type { Trial } from './trial.js';

const CREW = { bots: 6, channels: 3, postsPerSecond: 20 };
/** How long the bots talk undisturbed around each disturbance. */
const TALK_MS = 800;
/** After this long, everything that recovers by itself has recovered, on a slow cluster too. */
const PATIENCE_MS = 90_000;
/** Left out, because times in the log come from the store's clock, not from ours. */
const CLOCK_RULE = 'answered as new though it was there';

export type Disturbance = Readonly<{ what: string; by(crew: Crew): Promise<void> | void }>;

/**
 * Runs bots that talk all the time while one disturbance after the other hits them, and finally compares what they saw
 * with the log.
 * @returns the crew, silent and disconnected
 */
export const disturb = async (
  trial: Trial,
  findings: Findings,
  api: VerbatimApi,
  prefix: string,
  disturbances: readonly Disturbance[],
): Promise<Crew | undefined> => {
  let crew: Crew | undefined;
  const gathered = await findings.tried(
    `${CREW.bots} bots connected, and each was a member of its channels at once`,
    async () => {
      crew = await Crew.gather(api, trial.random.fork(), { ...CREW, prefix });
      crew.talk();
      await untilAnswered(crew);
    },
  );
  if (!gathered || !crew) {
    crew?.close();
    return undefined;
  }
  const present = crew;
  try {
    for (const { what, by } of disturbances) {
      await findings.tried(what, async () => {
        await pause(TALK_MS);
        await by(present);
        await present.allAtWork(PATIENCE_MS);
        await untilAnswered(present);
      });
    }
    await present.settle(PATIENCE_MS);
  } finally {
    present.close();
  }
  await findings.tried(
    'Each post that was acknowledged is in the log once, and reached each bot of its channel once, in order',
    () => check(trial, present, prefix),
  );
  return present;
};

/** Waits until a post that was made after this call is acknowledged. */
const untilAnswered = async (crew: Crew): Promise<void> => {
  const since = Date.now();
  const deadline = since + PATIENCE_MS;
  while (
    !crew.histories.some(({ steps }) => steps.some((step) => step.type === 'answered' && step.sentAt > since))
  ) {
    if (Date.now() > deadline) throw new Error(`no post was acknowledged within ${PATIENCE_MS / 1_000} s`);
    await pause(50);
  }
};

const check = async ({ log }: Trial, crew: Crew, prefix: string): Promise<void> => {
  const messages = (await messagesIn(log)).filter(({ channel }) => channel.startsWith(prefix));
  const violations = checkHistory(crew.histories, messages).filter(({ rule }) => rule !== CLOCK_RULE);
  if (violations.length > 0) throw new Error(describeViolations(violations));
  if (crew.count('received') === 0 || crew.count('answered') === 0) throw new Error('nothing was posted');
};
