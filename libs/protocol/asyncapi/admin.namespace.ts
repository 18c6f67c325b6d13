import { botItemSchema, channelItemSchema, projectionItemSchema } from '../schemas/read-models.schema.js';
import { count, list, name, object, oneWordOf, position, text } from '../schemas/schema.js';
import type { Namespace } from './namespace.js';

/** The namespace that pushes changes to consoles. */
export const ADMIN: Namespace = {
  name: 'admin',
  title: 'Consoles',
  description: 'Pushes changes in the lists of the HTTP API to admins. It takes no requests.',
  auth: object({ key: text() }),
  told: [
    {
      event: 'ready',
      summary: 'Sent once, first.',
      payload: object({ connection: text(), version: oneWordOf('v1'), everyMs: count }),
    },
    {
      event: 'changes',
      summary: 'What has changed since the last push. The next one waits for the acknowledgement.',
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
