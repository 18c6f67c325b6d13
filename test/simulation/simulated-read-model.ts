import type { OldIds, Place } from '#apps/gateway/src/sending/earlier-messages.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import { LOG_START } from '#libs/event-store/position.js';
import type { SimulatedLog } from './simulated-log.js';

/** The read model in which old ids are looked up. It lags, and may be away. */
export class SimulatedReadModel implements OldIds {
  isUp = true;
  /** How many of the log's last events it does not know yet. */
  lag = 0;

  constructor(private readonly log: SimulatedLog) {}

  // oxlint-disable-next-line typescript/require-await -- the real one asks PostgreSQL
  async find(pairs: Parameters<OldIds['find']>[0]): ReturnType<OldIds['find']> {
    if (!this.isUp) throw new Error('PostgreSQL is away');
    const known = this.log.events.slice(0, Math.max(0, this.log.events.length - this.lag));
    const wanted = new Set(pairs.map(({ bot, id }) => acceptedKey(bot, id)));
    const found = new Map<string, Place>();
    for (const { stream, revision, data, at } of known) {
      if (!stream.startsWith('messages-')) continue;
      const { bot, id, channel } = data as ConversationEvent['data'];
      const key = acceptedKey(bot, id);
      if (wanted.has(key) && !found.has(key)) found.set(key, { channel, seq: revision, at: at.getTime() });
    }
    return { found, reflects: known.at(-1)?.position ?? LOG_START, gaps: [] };
  }
}
