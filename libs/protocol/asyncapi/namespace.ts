import { errorSchema } from '../schemas/error.schema.js';
import { object, type Schema } from '../schemas/schema.js';

/** An event that the server sends unasked. */
export type Told = Readonly<{ event: string; summary: string; payload: Schema; acknowledged?: true }>;

/**
 * An event that the server answers through its callback. `answer` describes the fields that come with `ok:
 * true`.
 */
export type Asked = Readonly<{ event: string; summary: string; payload: Schema; answer?: Answer }>;
type Answer = Readonly<{ always?: Record<string, Schema>; sometimes?: Record<string, Schema> }>;

/** Describes a namespace of Socket.IO. */
export type Namespace = Readonly<{
  name: string;
  title: string;
  description: string;
  /** Schema of the handshake's `auth`. */
  auth: Schema;
  told: readonly Told[];
  asked: readonly Asked[];
}>;

type Part = Record<string, object>;

const TRUE: Schema = { type: 'boolean', enum: [true] };
const FALSE: Schema = { type: 'boolean', enum: [false] };
const EMPTY: Schema = { type: 'array', maxItems: 0 };
const DONE = 'acknowledged';

/** Returns the schema of the argument that the callback is called with. */
export const answerSchema = ({ always = {}, sometimes = {} }: Answer = {}): Schema => ({
  oneOf: [object({ ok: TRUE, ...always }, sometimes), object({ ok: FALSE, error: errorSchema })],
});

/**
 * Returns the namespace as a channel of AsyncAPI, with its operations. The server sends the events in `told`,
 * and receives and answers those in `asked`.
 */
export const channelOf = (namespace: Namespace): { channel: object; operations: Part } => {
  const { name, title, description, auth, told, asked } = namespace;
  const messages: Part = {};
  const operations: Part = {};
  const refer = (message: string): object => ({ $ref: `#/channels/${name}/messages/${message}` });
  const operation = (action: string, key: string, summary: string, reply?: string): void => {
    operations[`${name}-${key}`] = {
      action,
      channel: { $ref: `#/channels/${name}` },
      summary,
      messages: [refer(key)],
      ...(reply !== undefined && {
        reply: { channel: { $ref: `#/channels/${name}` }, messages: [refer(reply)] },
      }),
    };
  };
  if (told.some(({ acknowledged }) => acknowledged)) {
    messages[DONE] = { name: DONE, summary: 'The callback, called without arguments.', payload: EMPTY };
  }
  for (const { event, summary, payload, acknowledged } of told) {
    messages[`told-${event}`] = { name: event, summary, payload };
    operation('send', `told-${event}`, summary, acknowledged && DONE);
  }
  for (const { event, summary, payload, answer } of asked) {
    messages[`asked-${event}`] = { name: event, summary, payload };
    messages[`answer-${event}`] = {
      name: `answer to ${event}`,
      summary: `The argument of the callback of ${event}.`,
      payload: answerSchema(answer),
    };
    operation('receive', `asked-${event}`, summary, `answer-${event}`);
  }
  return {
    channel: { address: `/${name}`, title, description, messages, 'x-handshake-auth': auth },
    operations,
  };
};
