import type { Scene } from '../scene.js';
import { goodValue } from './good-values.js';
import { isKept } from './http-places.js';
import { kindOf } from './place.js';
import type { Place, Schema } from './place.js';

export type AsyncApi = Readonly<{
  channels: Readonly<{
    bots: Readonly<{
      messages: Readonly<Record<string, Readonly<{ name?: string; payload: Schema }>>>;
      'x-handshake-auth': Schema;
    }>;
  }>;
}>;

/** One request of the protocol, as the server's own AsyncAPI document describes it. */
export type Verb = Readonly<{ event: string; payload: Schema }>;

export const verbsOf = ({ channels }: AsyncApi): readonly Verb[] =>
  Object.entries(channels.bots.messages).flatMap(([key, { name, payload }]) =>
    key.startsWith('asked-') && name !== undefined ? [{ event: name, payload }] : [],
  );

/** Returns every field of a request as a place. */
export const fieldsOf = ({ event, payload }: Verb, scene: Scene): readonly Place[] =>
  Object.entries(payload.properties ?? {}).map(([field, schema]) => {
    // An edit whose text is accepted changes its target, so it needs a target of its own.
    const isChange = kindOf(field, schema, 'body') === 'text';
    const good = (): Record<string, unknown> =>
      Object.fromEntries((payload.required ?? []).map((one) => [one, goodValue(scene, one, isChange)]));
    return {
      where: `${event} "${field}"`,
      field,
      part: 'body',
      kind: kindOf(field, schema, 'body'),
      isRequired: payload.required?.includes(field) === true,
      put: (value) => ({ road: 'socket', event, args: [{ ...good(), [field]: value }] }),
      ...(event === 'post' && isKept(field) ? { keptAs: field } : {}),
    };
  });

/** Returns the channel names that are keys of a map, as in `ack`. */
export const mapKeysOf = ({ event, payload }: Verb): readonly Place[] =>
  payload.additionalProperties === undefined
    ? []
    : [
        {
          where: `${event}, a channel in the map`,
          field: 'channel',
          part: 'map',
          kind: 'name',
          isRequired: false,
          put: (value) => ({ road: 'socket', event, args: [{ [String(value)]: 0 }] }),
        },
      ];

/** Returns every field of the handshake's `auth` as a place. */
export const authOf = ({ channels }: AsyncApi, scene: Scene): readonly Place[] => {
  const { properties = {}, required = [] } = channels.bots['x-handshake-auth'];
  return Object.entries(properties).map(([field, schema]) => ({
    where: `handshake "${field}"`,
    field,
    part: 'auth',
    kind: kindOf(field, schema, 'auth'),
    isRequired: required.includes(field),
    put: (value) => ({ road: 'socket', auth: { key: scene.keys.socket, [field]: value } }),
  }));
};
