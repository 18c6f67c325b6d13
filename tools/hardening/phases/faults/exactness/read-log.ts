import type { Logged } from '#tools/harness/checker/history.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Message } from '#libs/protocol/message.js';

const PAGE = 200;

/** A key and the channels it may read. */
export type Reader = Readonly<{ key: string; channels: readonly string[] }>;

/**
 * Reads from the log all messages of the channels that these bots are members of.
 * @throws Error when the system does not answer
 */
export const readLog = async (api: VerbatimApi, readers: readonly Reader[]): Promise<Logged[]> => {
  const keys = new Map(readers.flatMap(({ key, channels }) => channels.map((channel) => [channel, key])));
  const messages: Logged[] = [];
  for (const [channel, key] of keys) messages.push(...(await readChannel(api, channel, key)));
  return messages;
};

const readChannel = async (api: VerbatimApi, channel: string, key: string): Promise<Logged[]> => {
  const messages: Logged[] = [];
  for (let after: string | undefined = '-1'; after !== undefined;) {
    const path = `/v1/channels/${channel}/messages?after=${after}&limit=${PAGE}`;
    const { status, text, body } = await api.request('GET', path, undefined, key);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    messages.push(...(body['items'] as Message[]).map(toLogged));
    after = body['next'] as string | undefined;
  }
  return messages;
};

const toLogged = ({ channel, seq, bot, id, body, at }: Message): Logged => ({
  channel,
  seq,
  bot,
  id,
  body,
  at: Date.parse(at),
});
