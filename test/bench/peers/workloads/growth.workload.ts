import { folderBytes } from '../systems/folder-bytes.js';
import { killToFirstPost } from './cold-start.workload.js';
import { behindReason, range, spreadOver, type Stage, type Workload } from './workload.js';

const [OTHERS, CHANNELS, OWN] = [100, 10, 1_000];
/** The reader and the writer have a channel of their own. */
const [READER, WRITER] = [OTHERS, OTHERS + 1];
const PATIENCE_MS = 300_000;
/** In how many parts the messages of others and the own ones take turns. */
const PARTS = 20;

/** The same replay after a crash, with more and more messages of others in between. */
const growth = (name: string, messages: number, once = false): Workload => ({
  name,
  title: `1 bot that was away for ${OWN.toLocaleString('en')} messages among ${messages.toLocaleString('en')} others, and a crash of the server`,
  guests: [...spreadOver(OTHERS, CHANNELS), 'own', 'own'],
  headlines: ['replayTime', 'firstPost', 'bytesPerMessage'],
  once,
  suits: ({ remembers, takesLoad }) => remembers && takesLoad,
  async run(stage) {
    const { generator, system } = stage;
    await generator.tell('connect', range(0, OTHERS + 2));
    await generator.tell('fill', { posters: [WRITER], messages: 1 });
    await generator.tell('verdict', PATIENCE_MS);
    await generator.tell('cut', [READER]);
    const before = await bytesOf(stage);
    await fillInTurns(stage, messages);
    await system.untilLevel(PATIENCE_MS);
    const bytesPerMessage = ((await bytesOf(stage)) - before) / (messages + OWN);
    await generator.tell('cut', range(0, OTHERS));
    await generator.tell('cut', [WRITER]);
    const firstPost = await killToFirstPost(stage, WRITER);
    const { levelMs, behind } = await generator.tell('comeBack', { bots: [READER], patienceMs: PATIENCE_MS });
    return {
      figures: { firstPost, bytesPerMessage, ...(behind === 0 && { replayTime: levelMs }) },
      // The others do not come back.
      verdict: await generator.tell('verdictOf', [READER]),
      ...behindReason(behind),
    };
  },
});

const bytesOf = async ({ system: { folder } }: Stage): Promise<number> =>
  folder === undefined ? 0 : folderBytes(folder);

const fillInTurns = async ({ generator }: Stage, messages: number): Promise<void> => {
  for (let part = 0; part < PARTS; part += 1)
    await Promise.all([
      generator.tell('fill', { posters: range(0, OTHERS), messages: messages / PARTS }),
      generator.tell('fill', { posters: [WRITER], messages: OWN / PARTS }),
    ]);
};

export const growthTo10Thousand = growth('growth to 10 thousand', 10_000);
export const growthTo100Thousand = growth('growth to 100 thousand', 100_000, true);
export const growthToMillion = growth('one million', 1_000_000, true);
