import { v7 as uuidv7 } from 'uuid';
import type { Message } from '#libs/protocol/message.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

const IN_FLIGHT = 500;
const WAIT_MS = 120_000;

type Post = Readonly<{ text: string; reply: Reply }>;
type Road = Readonly<{ name: string; bodies: ReadonlyMap<number, string> }>;

/** What became of the texts: how many were accepted, which were refused, and which came back changed on some way. */
export type RoundTrip = Readonly<{
  taken: number;
  refused: readonly { text: string; code: string }[];
  changed: readonly { road: string; text: string; cameBackAs: string | undefined }[];
}>;

/** Posts texts as bodies to a new channel and compares what comes back live, as backlog, and from the read model. */
export const roundTrip = async (
  verbatim: Verbatim,
  channel: string,
  texts: readonly string[],
): Promise<RoundTrip> => {
  await verbatim.createChannel(channel);
  const name = `${channel}-bot`;
  const key = await verbatim.createBot(name);
  await verbatim.addMember(channel, name);
  const [poster, listener] = await Promise.all(
    ['poster', 'listener'].map((consumer) => TestBot.connect(verbatim.url, { key, consumer })),
  );
  try {
    const posts = await postAll(poster!, channel, texts);
    const taken = posts.filter(({ reply }) => reply.ok);
    const last = Math.max(-1, ...taken.map(({ reply }) => reply['seq'] as number));
    await waitFor('live delivery', () => listener!.lastSeq(channel) === last, WAIT_MS);
    const roads: Road[] = [
      { name: 'live', bodies: bodiesOf(listener!.messages(channel)) },
      { name: 'backlog', bodies: await backlogOf(verbatim, channel, key) },
      { name: 'read model', bodies: await readModelOf(verbatim, channel, last) },
    ];
    return {
      taken: taken.length,
      refused: posts
        .filter(({ reply }) => !reply.ok)
        .map(({ text, reply }) => ({ text, code: reply.error!.code })),
      changed: roads.flatMap((road) => changesOn(road, taken)),
    };
  } finally {
    poster!.close();
    listener!.close();
  }
};

const postAll = async (poster: TestBot, channel: string, texts: readonly string[]): Promise<Post[]> => {
  const posts: Post[] = [];
  for (let next = 0; next < texts.length; next += IN_FLIGHT) {
    const batch = texts.slice(next, next + IN_FLIGHT);
    const replies = await Promise.all(
      batch.map((body) => poster.request('post', { id: uuidv7(), channel, body })),
    );
    posts.push(...batch.map((text, index) => ({ text, reply: replies[index]! })));
  }
  return posts;
};

const backlogOf = async (verbatim: Verbatim, channel: string, key: string): Promise<Map<number, string>> => {
  const reader = await TestBot.connect(verbatim.url, { key, consumer: 'reader', resume: { [channel]: -1 } });
  try {
    await reader.untilCaughtUp(channel, WAIT_MS);
    return bodiesOf(reader.messages(channel));
  } finally {
    reader.close();
  }
};

const readModelOf = async (
  verbatim: Verbatim,
  channel: string,
  last: number,
): Promise<Map<number, string>> => {
  const newest = `/v1/messages?channel=${channel}&limit=1`;
  await waitFor(
    'the read model',
    async () => (await itemsOf(verbatim, newest)).items[0]?.seq === last,
    WAIT_MS,
  );
  const bodies = new Map<number, string>();
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page = `/v1/messages?channel=${channel}&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { items, next } = await itemsOf(verbatim, page);
    for (const { seq, body } of items) bodies.set(seq, body);
    cursor = next;
  }
  return bodies;
};

const itemsOf = async (verbatim: Verbatim, path: string): Promise<{ items: Message[]; next?: string }> => {
  const { status, text, body } = await verbatim.request('GET', path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return body as { items: Message[]; next?: string };
};

const bodiesOf = (messages: readonly Message[]): Map<number, string> =>
  new Map(messages.map(({ seq, body }) => [seq, body]));

const changesOn = ({ name, bodies }: Road, taken: readonly Post[]): RoundTrip['changed'] =>
  taken
    .map(({ text, reply }) => ({ road: name, text, cameBackAs: bodies.get(reply['seq'] as number) }))
    .filter(({ text, cameBackAs }) => text !== cameBackAs);
