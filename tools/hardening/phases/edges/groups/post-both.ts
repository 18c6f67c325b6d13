import { v7 as uuidv7 } from 'uuid';
import type { Message } from '#libs/protocol/message.js';
import type { Ask, Expected } from '../exchange.js';
import type { Scene } from '../scene.js';

/** Returns the same post over both transports. If it is accepted, it must be read back unchanged. */
export const postBoth = (
  { channel }: Scene,
  sent: string,
  fields: Readonly<Record<string, unknown>>,
  expected: Expected,
): readonly Ask[] => {
  const post = (): object => ({ id: uuidv7(), channel, body: 'fine', ...fields });
  const keeps = expected === 'taken' ? { keeps: fields as Partial<Message> } : {};
  const body = JSON.stringify(post());
  return [
    {
      sent,
      expected,
      ...keeps,
      request: { road: 'http', method: 'POST', path: '/v1/messages', body, as: 'bot' },
    },
    { sent, expected, ...keeps, request: { road: 'socket', event: 'post', args: [post()] } },
  ];
};
