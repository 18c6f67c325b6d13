import { join } from 'node:path';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { decodePositioned } from '#libs/event-store/codec/decode-event.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { eventAt } from './event-at.js';
import { termsOf } from './event-terms.js';
import { IndexKeeper } from './index-keeper.js';

/** An event of the log as it is stored, and as it is understood. */
export type FoundEvent = Readonly<{ stored: StoredEvent; event: PositionedEvent }>;

/** `gone`: how many were indexed and have been removed from the log since. */
export type FoundEvents = Readonly<{ events: readonly FoundEvent[]; more: boolean; gone: number }>;

/** Returns the folder of the index, which can be removed while the process is stopped. */
export const indexFolder = (dataDir: string): string => join(dataDir, 'event-index');

/** Finds events by their ids and by the ids they name. What it returns was read from the log just now. */
@Injectable()
export class EventFinder implements BeforeApplicationShutdown {
  readonly #keeper: IndexKeeper;

  constructor(
    private readonly store: EventStore,
    @Inject(SETTINGS) { dataDir }: Settings,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#keeper = new IndexKeeper({
      folder: indexFolder(dataDir),
      store,
      say: (level, text) => logger[level]({ component: 'audit' }, text),
    });
  }

  /**
   * Returns the first events in the log that have a term.
   *
   * @throws RequestError `event_index_unavailable` | StoreUnavailable | StoreFault
   */
  async findEvents(term: string, limit: number): Promise<FoundEvents> {
    const { places, more } = await this.#keeper.ask((index) => index.findTerm(term, limit));
    const read = await Promise.all(places.map((place) => eventAt(this.store, place)));
    const events = read.flatMap((stored): FoundEvent[] => {
      if (!stored) return [];
      const event = decodePositioned(stored);
      return termsOf(event).includes(term) ? [{ stored, event }] : [];
    });
    return { events, more, gone: places.length - events.length };
  }

  /**
   * Returns the names of the streams with cursors of a bot's consumers.
   *
   * @throws RequestError `event_index_unavailable` | StoreUnavailable
   */
  async cursorStreamsOf(bot: string): Promise<readonly string[]> {
    const index = await this.#keeper.levelIndex();
    return index.cursorStreamsOf(bot);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#keeper.stopKeeping();
  }
}
