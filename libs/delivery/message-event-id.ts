import { hash } from 'node:crypto';
import { parse as bytesOf, v5 as uuidv5 } from 'uuid';
import { isMessageId } from '#libs/protocol/validation/rules.js';

/** The UUID namespace of all bots' namespaces. It must never change, because every event id depends on it. */
const BOTS_NAMESPACE = '3f2d1c0a-6f0b-5b5e-9d39-7a1c2e4b8d60';

const namespaces = new Map<string, Uint8Array>();

const namespaceOf = (bot: string): Uint8Array => {
  const known = namespaces.get(bot);
  if (known) return known;
  const namespace = bytesOf(uuidv5(bot, BOTS_NAMESPACE));
  namespaces.set(bot, namespace);
  return namespace;
};

const NAMESPACE_BYTES = 16;
const UUID_CHARACTERS = 36;
/** Namespace and name of a UUIDv5, filled for each. */
const named = Buffer.alloc(NAMESPACE_BYTES + UUID_CHARACTERS);
/** The variant of RFC 9562 in the place of a hexadecimal digit. */
const VARIANT: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 16 }, (_, digit) => [digit.toString(16), (8 + (digit % 4)).toString(16)]),
);

/** Returns the UUIDv5 (RFC 9562) of a UUID in text form. Each message needs one, and the library takes three times as long. */
const uuidOf = (id: string, namespace: Uint8Array): string => {
  named.set(namespace);
  named.write(id, NAMESPACE_BYTES, 'latin1');
  const digest = hash('sha1', named, 'hex');
  const [first, second, third] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16)];
  return `${first}-${second}-5${third}-${VARIANT[digest[16]!]}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
};

/**
 * Returns the id of a message's event: a UUIDv5 in the bot's own namespace, so that no bot can use up another bot's
 * ids.
 */
export const messageEventId = (bot: string, id: string): string => {
  const name = id.toLowerCase();
  const namespace = namespaceOf(bot);
  return isMessageId(name) ? uuidOf(name, namespace) : uuidv5(name, namespace);
};
