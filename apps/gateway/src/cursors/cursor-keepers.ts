import { Inject, Injectable, Optional } from '@nestjs/common';
import { cursorStream } from '#libs/domain/stream-names.js';
import { CursorKeeper } from './cursor-keeper.js';
import type { CursorStore } from './cursor-keeper.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import { INSTANCE } from '../instance/instance.js';
import { CursorStream } from './cursor-stream.js';

type Held = { keeper: Promise<CursorKeeper>; holders: number; closing?: Promise<void> };

/** One keeper a consumer, shared by the old and the new connection of a consumer that reconnects. */
@Injectable()
export class CursorKeepers {
  private readonly held = new Map<string, Held>();
  /** Streams whose last write has not succeeded, or not yet. */
  private readonly unwritten = new Set<string>();
  private writes = 0;

  constructor(
    @Inject(EventStore)
    private readonly store: Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>,
    @Inject(INSTANCE) private readonly node: string,
    @Optional() private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /**
   * The consumer's cursors as of now: its older connection may still seem to stand here while it was on another gateway.
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
        this.unwritten.delete(stream);
      });
    await held.closing;
  }

  /** Consumers whose cursors are not stored, and how many times some were. */
  marks(): Marks {
    return { waiting: this.unwritten.size, done: this.writes };
  }

  /** Writes what consumers that are still connected have acknowledged. */
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
      this.watched(cursorStream(bot, consumer), stream),
      this.clock,
    );
  }

  /** The same store, whose writes are counted. One that another gateway has won counts as written: it is read then. */
  private watched(name: string, stream: CursorStore): CursorStore {
    return {
      read: async () => {
        const stored = await stream.read();
        this.written(name);
        return stored;
      },
      write: async (cursors, expected) => {
        this.unwritten.add(name);
        const revision = await stream.write(cursors, expected);
        this.written(name);
        return revision;
      },
    };
  }

  private written(name: string): void {
    if (this.unwritten.delete(name)) this.writes += 1;
  }
}
