import type { Outcome } from '../figures/outcome.js';
import { behindReason, type Stage, type Workload } from './workload.js';

const BEHIND = 10_000;
const [READER, WRITER] = [0, 1];
const SETTLE_MS = 20_000;
const PATIENCE_MS = 30_000;
/** How long to wait where nothing is expected. */
const FORGETFUL_MS = 1_000;

/** One bot is away while messages come, and then comes back. `meanwhile` happens before it does. */
const replay = async (
  { system, remembers, generator }: Stage,
  meanwhile: (stage: Pick<Stage, 'system' | 'generator'>) => Promise<void>,
): Promise<Outcome> => {
  await generator.tell('connect', [READER, WRITER]);
  // A bot that has never received anything has no position to come back to.
  await generator.tell('fill', { posters: [WRITER], messages: 1 });
  await generator.tell('verdict', SETTLE_MS);
  await generator.tell('cut', [READER]);
  await generator.tell('fill', { posters: [WRITER], messages: BEHIND });
  await meanwhile({ system, generator });
  const patienceMs = remembers ? PATIENCE_MS : FORGETFUL_MS;
  const { levelMs, behind } = await generator.tell('comeBack', { bots: [READER], patienceMs });
  const verdict = await generator.tell('verdict', behind === 0 ? SETTLE_MS : 0);
  return {
    figures: behind === 0 ? { replayRate: BEHIND / (levelMs / 1_000) } : {},
    verdict,
    ...(remembers && behindReason(behind)),
  };
};

const common = {
  guests: ['behind', 'behind'],
  headlines: ['replayRate'],
  suits: () => true,
} as const;

export const warmReplay: Workload = {
  ...common,
  name: 'replay',
  title: `1 bot that was away for ${BEHIND.toLocaleString('en')} messages`,
  run: (stage) => replay(stage, async () => undefined),
};

/** Nothing is in memory any more that was there when the messages came. */
export const coldReplay: Workload = {
  ...common,
  name: 'cold replay',
  title: `1 bot that was away for ${BEHIND.toLocaleString('en')} messages and a crash of the server`,
  run: (stage) =>
    replay(stage, async ({ system, generator }) => {
      await generator.tell('cut', [WRITER]);
      await system.kill();
      await system.startAgain();
      // When the first post is acknowledged, the server is ready to serve.
      await generator.tell('firstPost', { bot: WRITER, patienceMs: PATIENCE_MS });
    }),
};
