import { botItemSchema, channelItemSchema, projectionItemSchema } from '../schemas/read-models.schema.js';
import { count, list, name, object, oneWordOf, position, text } from '../schemas/schema.js';
import type { Namespace } from './namespace.js';

/** What changes, for consoles. */
export const ADMIN: Namespace = {
  name: 'admin',
  title: 'Consoles',
  description: 'What changes in the lists of the HTTP API, pushed to admins. Nothing can be asked here.',
  auth: object({ key: text() }),
  told: [
    {
      event: 'ready',
      summary: 'First, once.',
      payload: object({ connection: text(), version: oneWordOf('v1'), everyMs: count }),
    },
    {
      event: 'changes',
      summary: 'What is new since the push before; one is on its way at a time.',
      payload: object(
        {
          position,
          channels: list(channelItemSchema, 100),
          bots: list(botItemSchema, 100),
          projections: list(projectionItemSchema),
        },
        {
          rates: object({
            overMs: count,
            messages: count,
            channels: list(object({ channel: name, messages: count }), 50),
          }),
          reload: list(oneWordOf('channels', 'bots'), 2),
        },
      ),
      acknowledged: true,
    },
    {
      event: 'notice',
      summary: 'About the connection.',
      payload: object({
        code: oneWordOf(
          'read_model_unavailable',
          'read_model_restored',
          'access_withdrawn',
          'protocol_error',
        ),
        message: text(),
      }),
    },
  ],
  asked: [],
};
