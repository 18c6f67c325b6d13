import type { CursorAdvanced } from '#libs/domain/cursor/cursor.events.js';
import { cursorStream } from '#libs/domain/stream-names.js';
import { CursorKeeper, cursorsOf } from '#libs/delivery/cursor-keeper.js';
import type { WriteCursors } from '#libs/delivery/cursor-keeper.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';
import { randomUUID } from 'node:crypto';

/** How many `CursorAdvanced` a consumer's stream keeps: the newest is the cursor, the others evidence of delivery. */
const KEPT = 10_000;

type Held = { keeper: Promise<CursorKeeper>; holders: number; closing?: Promise<void> };

/** One keeper a consumer, shared by the old and the new connection of a consumer that reconnects. */
export class CursorKeepers {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>,
    private readonly node: string,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /** The consumer's cursors, read from the log if nobody holds them. @throws StoreUnavailable */
  async acquire(bot: string, consumer: string): Promise<CursorKeeper> {
    const stream = cursorStream(bot, consumer);
    let held = this.held.get(stream);
    if (held?.closing) {
      await held.closing;
      held = this.held.get(stream);
    }
    if (!held) {
      held = { keeper: this.load(bot, stream), holders: 0 };
      this.held.set(stream, held);
    }
    held.holders += 1;
    try {
      return await held.keeper;
    } catch (error) {
      if (this.held.get(stream) === held) this.held.delete(stream);
      throw error;
    }
  }

  /** Gives the cursors back; the last holder's release writes what is not on disk. */
  async release(bot: string, consumer: string): Promise<void> {
    const stream = cursorStream(bot, consumer);
    const held = this.held.get(stream);
    if (!held) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    held.closing = held.keeper
      .then((keeper) => keeper.close())
      .finally(() => {
        if (this.held.get(stream) === held) this.held.delete(stream);
      });
    await held.closing;
  }

  /** Writes what consumers that are still connected have acknowledged. */
  async stop(): Promise<void> {
    const keepers = await Promise.allSettled([...this.held.values()].map(({ keeper }) => keeper));
    await Promise.all(keepers.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
  }

  private async load(bot: string, stream: string): Promise<CursorKeeper> {
    let stored: CursorMap | undefined;
    for await (const event of this.store.readStream(stream, { direction: 'backwards', limit: 1 })) {
      stored = cursorsOf(event.data);
    }
    let limited = stored !== undefined;
    const write: WriteCursors = async (cursors) => {
      // Before the first event, so that no stream grows without bounds because a process died in between.
      if (!limited) await this.store.setStreamMetadata(stream, { maxCount: KEPT });
      limited = true;
      await this.append(bot, stream, cursors);
    };
    return new CursorKeeper(stored ?? {}, write, this.clock);
  }

  private async append(bot: string, stream: string, cursors: CursorMap): Promise<void> {
    const eventId = randomUUID();
    const advanced: CursorAdvanced = { type: 'CursorAdvanced', data: { cursors } };
    const metadata = {
      actor: { kind: 'bot', name: bot } as const,
      $correlationId: eventId,
      $causationId: eventId,
      schema: 1,
      node: this.node,
    };
    await this.store.append(stream, [{ eventId, ...advanced, metadata }], 'any');
  }
}
