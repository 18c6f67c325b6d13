import { waitFor } from '#tools/harness/wait-for.js';
import type { Message } from '#libs/protocol/message.js';
import type { CameBack, GroupSeen } from '../exchange.js';
import type { Scene } from '../scene.js';

const PAGE = 200;
const WAIT_MS = 15_000;

type Messages = ReadonlyMap<number, Message>;

/** Reads all messages of the scene's channel back in every way, and adds them to the exchanges that sent them. */
export const readBack = async (groups: readonly GroupSeen[], scene: Scene): Promise<readonly GroupSeen[]> => {
  const last = await scene.bot.say(scene.channel, 'the last');
  const live = await arrived(
    () => bySeq(scene.watcher.messages(scene.channel)),
    (messages) => messages.has(last),
  );
  const ways = {
    live,
    history: await historyOf(scene),
    HTTP: await overHttp(scene),
    'read model': await arrived(
      () => readModelOf(scene),
      (messages) => messages.has(last),
    ),
  };
  const cameBack = (seq: number): CameBack => ({
    live: ways.live.get(seq),
    history: ways.history.get(seq),
    HTTP: ways.HTTP.get(seq),
    'read model': ways['read model'].get(seq),
  });
  return groups.map((group) => ({
    ...group,
    exchanges: group.exchanges.map((exchange) => {
      const { seen } = exchange;
      const seq = seen === 'no answer' ? undefined : seen.seq;
      return seq === undefined ? exchange : { ...exchange, cameBack: cameBack(seq) };
    }),
  }));
};

/** Never throws: a message that does not arrive is missing from the result, and is judged there. */
const arrived = async (
  look: () => Messages | Promise<Messages>,
  isAll: (messages: Messages) => boolean,
): Promise<Messages> => {
  let seen: Messages = new Map();
  await waitFor('all messages', async () => isAll((seen = await look())), WAIT_MS).catch(() => undefined);
  return seen;
};

const historyOf = async ({ bot, channel }: Scene): Promise<Messages> => {
  const found: Message[] = [];
  for (let after = -1; ; after = found.at(-1)!.seq) {
    const { messages, more } = await bot.must('history', { channel, after, limit: PAGE });
    found.push(...(messages as Message[]));
    if (more !== true || (messages as Message[]).length === 0) return bySeq(found);
  }
};

const overHttp = ({ api, channel, keys }: Scene): Promise<Messages> =>
  pagesOf((cursor) => {
    const after = cursor === undefined ? '' : `&after=${cursor}`;
    return api.request('GET', `/v1/channels/${channel}/messages?limit=${PAGE}${after}`, undefined, keys.http);
  });

const readModelOf = ({ api, channel }: Scene): Promise<Messages> =>
  pagesOf((cursor) => {
    const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return api.request('GET', `/v1/messages?channel=${channel}&limit=${PAGE}${from}`);
  });

type Page = Readonly<{ status: number; text: string; body: Record<string, unknown> }>;

const pagesOf = async (ask: (cursor: string | undefined) => Promise<Page>): Promise<Messages> => {
  const found: Message[] = [];
  let cursor: string | undefined;
  do {
    const { status, text, body } = await ask(cursor);
    if (status !== 200) throw new Error(`Messages could not be read back: ${status} ${text.slice(0, 200)}`);
    const { items, next } = body as { items: Message[]; next?: string };
    found.push(...items);
    cursor = next;
  } while (cursor !== undefined);
  return bySeq(found);
};

const bySeq = (messages: readonly Message[]): Messages => new Map(messages.map((one) => [one.seq, one]));
