import { Refused, TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import type { WireError } from '#libs/protocol/errors.js';
import type { Request, Seen } from '../exchange.js';
import type { Scene } from '../scene.js';

/** Sends a request over the bot's connection, or tries to open another connection. */
export const askSocket = async (
  request: Request & { road: 'socket' },
  { bot, api }: Scene,
): Promise<Seen | 'no answer'> => {
  if ('auth' in request) return connect(api.url, request.auth);
  return bot.request(request.event, ...request.args).then(seenOf, () => 'no answer');
};

const seenOf = (reply: Reply): Seen => {
  if (!reply.ok) return refusal(reply.error);
  const { seq } = reply;
  return { status: 200, text: JSON.stringify(reply), ...(typeof seq === 'number' ? { seq } : {}) };
};

const refusal = (error: WireError | undefined): Seen => ({
  status: error?.status ?? 0,
  ...(error === undefined ? {} : { code: error.code, message: error.message }),
  text: JSON.stringify(error ?? {}),
});

const connect = async (url: string, auth: object): Promise<Seen | 'no answer'> => {
  try {
    const other = await TestBot.connect(url, auth);
    other.close();
    return { status: 200, text: JSON.stringify(other.ready) };
  } catch (error) {
    return error instanceof Refused ? refusal(error.error) : 'no answer';
  }
};
