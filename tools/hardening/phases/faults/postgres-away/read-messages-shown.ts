import type { Logged } from '#tools/harness/checker/history.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Message } from '#libs/protocol/message.js';

/** The messages of some channels that the read side shows. */
export type Shown = Readonly<{ messages: readonly Logged[]; isStale: boolean }>;

const PAGE = 200;

/** Reads all pages of these channels as an admin. Stops at the first refused page, and then reports a stale result. */
export const readMessagesShown = async (api: VerbatimApi, channels: readonly string[]): Promise<Shown> => {
  const messages: Logged[] = [];
  let isStale = false;
  for (const channel of channels) {
    let cursor = '';
    do {
      const { status, headers, body } = await api.request(
        'GET',
        `/v1/messages?channel=${channel}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      if (status !== 200) return { messages, isStale: true };
      isStale ||= headers.get('x-verbatim-stale') !== null;
      for (const { seq, bot, id, body: text, at } of body['items'] as Message[])
        messages.push({ channel, seq, bot, id, body: text, at: Date.parse(at) });
      cursor = (body['next'] as string | undefined) ?? '';
    } while (cursor !== '');
  }
  return { messages, isStale };
};
