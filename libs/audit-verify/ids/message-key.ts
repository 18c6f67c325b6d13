import { sha256 } from '#libs/audit-log/merkle/hashing.js';
import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import { KEY_BYTES } from './id-register.js';

const TYPES: ReadonlySet<string> = new Set(CONVERSATION_EVENT_TYPES);

/**
 * Returns the key of the id of an accepted request, which no other event of the log may have; undefined for an event
 * that holds no such id.
 */
export const messageKeyOf = (
  event: Readonly<{ stream: string; type: string; data: Buffer }>,
): Buffer | undefined => {
  if (!event.stream.startsWith('messages-') || !TYPES.has(event.type)) return undefined;
  const { bot, id } = parsed(event.data);
  if (typeof bot !== 'string' || typeof id !== 'string') return undefined;
  return sha256(Buffer.from(acceptedKey(bot, id))).subarray(0, KEY_BYTES);
};

const parsed = (data: Buffer): Readonly<{ bot?: unknown; id?: unknown }> => {
  try {
    const value: unknown = JSON.parse(data.toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};
