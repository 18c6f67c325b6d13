import type { Actor } from '#libs/domain/event.js';
import type { Caller } from '#libs/platform/access/caller.js';

/** A caller as events name who acted. */
export const actorOf = (caller: Caller): Actor =>
  caller.role === 'bot'
    ? { kind: 'bot', name: caller.bot, keyId: caller.keyId }
    : { kind: caller.role, keyId: caller.keyId };
