import { Inject, Injectable, Optional } from '@nestjs/common';
import { cursorStream } from '#libs/domain/stream-names.js';
import { CursorKeeper } from './cursor-keeper.js';
import type { CursorStore } from './cursor-keeper.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import { INSTANCE } from '../instance/instance.js';
import { CursorStream } from './cursor-stream.js';

type Held = { keeper: Promise<CursorKeeper>; holders: number; closing?: Promise<void> };

/** Holds one keeper for each consumer. The old and the new connection of a consumer that reconnects share it. */
@Injectable()
export class CursorKeepers {
  private readonly held = new Map<string, Held>();
  /** Cursor streams whose last write has failed or is still in progress. */
  private readonly unwritten = new Set<string>();
  private writes = 0;

  constructor(
    @Inject(EventStore)
    private readonly store: Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>,
    @Inject(INSTANCE) private readonly node: string,
    @Optional() private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /**
   * Returns the keeper of the consumer's cursors. If the keeper is already in use here, it is refreshed first: an older
   * connection may still seem to be open here although the consumer has been on another gateway since.
   *
   * @throws StoreUnavailable
   */
  async acquire(bot: string, consumer: string): Promise<CursorKeeper> {
    const stream = cursorStream(bot, consumer);
    let held = this.held.get(stream);
    if (held?.closing) {
      await held.closing;
      held = this.held.get(stream);
    }
    if (held) return this.share(bot, consumer, held);
    held = { keeper: this.load(bot, consumer), holders: 1 };
    this.held.set(stream, held);
    try {
      return await held.keeper;
    } catch (error) {
      if (this.held.get(stream) === held) this.held.delete(stream);
      throw error;
    }
  }

  /** Gives the keeper back. The last holder's release writes what is not stored yet. */
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
        this.unwritten.delete(stream);
      });
    await held.closing;
  }

  /** Reports how many consumers have cursors that are not stored yet, and how many times such cursors were stored. */
  marks(): Marks {
    return { waiting: this.unwritten.size, done: this.writes };
  }

  /** Writes what the consumers that are still connected have acknowledged. */
  async stopCursors(): Promise<void> {
    const keepers = await Promise.allSettled([...this.held.values()].map(({ keeper }) => keeper));
    await Promise.all(keepers.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
  }

  private async share(bot: string, consumer: string, held: Held): Promise<CursorKeeper> {
    held.holders += 1;
    const keeper = await held.keeper;
    try {
      await keeper.refresh();
    } catch (error) {
      await this.release(bot, consumer);
      throw error;
    }
    return keeper;
  }

  private async load(bot: string, consumer: string): Promise<CursorKeeper> {
    const stream = new CursorStream(this.store, bot, consumer, this.node);
    return new CursorKeeper(
      await stream.read(),
      this.countingWrites(cursorStream(bot, consumer), stream),
      this.clock,
    );
  }

  /**
   * Wraps a cursor store so that its writes are counted. After a write that lost to another gateway, the stored cursors
   * are read, and the write then counts as done.
   */
  private countingWrites(name: string, stream: CursorStore): CursorStore {
    return {
      read: async () => {
        const stored = await stream.read();
        this.noteWritten(name);
        return stored;
      },
      write: async (cursors, expected) => {
        this.unwritten.add(name);
        const revision = await stream.write(cursors, expected);
        this.noteWritten(name);
        return revision;
      },
    };
  }

  private noteWritten(name: string): void {
    if (this.unwritten.delete(name)) this.writes += 1;
  }
}
