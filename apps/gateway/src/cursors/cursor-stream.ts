import type { CursorAdvanced } from '#libs/domain/cursor/cursor.events.js';
import { cursorStream } from '#libs/domain/stream-names.js';
import { cursorsOf } from './cursor-keeper.js';
import type { Cursors, CursorStore, StoredCursors } from './cursor-keeper.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/** How many `CursorAdvanced` a consumer's stream keeps: the newest is the cursor, the others evidence of delivery. */
const KEPT = 10_000;

/** One consumer's cursors in the log: each event holds all of them. */
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

  async read(): Promise<StoredCursors> {
    let revision: StoredCursors['revision'] = 'no_stream';
    // A stream of which retention has left nothing is still at its revision.
    const onLastRevision = (last: number): void => {
      if (revision === 'no_stream') revision = last;
    };
    const options = { direction: 'backwards', limit: KEPT, onLastRevision } as const;
    for await (const event of this.store.readStream(this.stream, options)) {
      this.isLimited = true;
      if (revision === 'no_stream') ({ revision } = event);
      // One that can't be understood costs the consumer a longer backlog: an earlier cursor skips nothing.
      if (event.unreadable === undefined) return { ...cursorsOf(event.data), revision };
    }
    return { cursors: {}, epoch: 0, revision };
  }

  async write(data: Cursors, expected: StoredCursors['revision']): Promise<number> {
    // Before the first event, so that no stream grows without bounds because a process died in between.
    if (!this.isLimited) await this.store.setStreamMetadata(this.stream, { maxCount: KEPT });
    this.isLimited = true;
    const advanced: CursorAdvanced = { type: 'CursorAdvanced', data };
    const event = newEvent(advanced, { actor: { kind: 'bot', name: this.bot }, node: this.node });
    const { revision } = await this.store.append(this.stream, [event], expected);
    return revision;
  }
}
