import type { CursorAdvanced } from '#libs/domain/cursor/cursor.events.js';
import { cursorStream } from '#libs/domain/stream-names.js';
import { cursorsOf } from './cursor-keeper.js';
import type { Cursors, CursorStore, StoredCursors } from './cursor-keeper.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/**
 * How many `CursorAdvanced` events a consumer's stream keeps. The newest one is the cursor; the others are evidence of
 * delivery.
 */
const KEPT = 10_000;

/** Reads and writes one consumer's cursors in the log. Each event holds all of them. */
export class CursorStream implements CursorStore {
  private isLimited = false;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream' | 'setStreamMetadata'>,
    private readonly bot: string,
    private readonly consumer: string,
    private readonly node: string,
  ) {}

  private get stream(): string {
    return cursorStream(this.bot, this.consumer);
  }

  /**
   * Returns the newest cursors in the stream that can be decoded, with the revision of the stream.
   *
   * @throws StoreUnavailable
   */
  async read(): Promise<StoredCursors> {
    let revision: StoredCursors['revision'] = 'no_stream';
    // A stream that retention has emptied still has its last revision.
    const onLastRevision = (last: number): void => {
      if (revision === 'no_stream') revision = last;
    };
    const options = { direction: 'backwards', limit: KEPT, onLastRevision } as const;
    for await (const event of this.store.readStream(this.stream, options)) {
      this.isLimited = true;
      if (revision === 'no_stream') ({ revision } = event);
      // An event that cannot be decoded only costs the consumer a longer backlog, because an earlier cursor skips
      // nothing.
      if (event.unreadable === undefined) return { ...cursorsOf(event.data), revision };
    }
    return { cursors: {}, epoch: 0, revision };
  }

  async write(data: Cursors, expected: StoredCursors['revision']): Promise<number> {
    // The limit is set before the first event. Otherwise a process that dies in between would leave a stream that grows
    // without bounds.
    if (!this.isLimited) await this.store.setStreamMetadata(this.stream, { maxCount: KEPT });
    this.isLimited = true;
    const advanced: CursorAdvanced = { type: 'CursorAdvanced', data };
    const event = newEvent(advanced, { actor: { kind: 'bot', name: this.bot }, node: this.node });
    const { revision } = await this.store.append(this.stream, [event], expected);
    return revision;
  }
}
