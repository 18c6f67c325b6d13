import type { EventStore } from '#libs/event-store/event-store.js';
import type { Directory } from './directory.js';

/** So many streams are read at once; anybody may ask with a made-up name, and the store has better things to do. */
const AT_ONCE = 16;

/**
 * Reads a stream's end ahead of the log. The directory follows within milliseconds what other processes write; before
 * somebody is turned away for what it does not know, those are made up for: who was registered at one gateway may
 * connect to the next at once.
 */
export class DirectoryTails {
  private readonly reading = new Map<string, Promise<void>>();

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly directory: Pick<Directory, 'apply' | 'revisionOf'>,
  ) {}

  /** Tries to: where the store is away or too many ask, what is known has to do. Never throws. */
  async readOn(stream: string): Promise<void> {
    const underWay = this.reading.get(stream);
    if (underWay) return underWay;
    if (this.reading.size >= AT_ONCE) return;
    const reading = this.read(stream)
      .catch(() => undefined)
      .finally(() => this.reading.delete(stream));
    this.reading.set(stream, reading);
    await reading;
  }

  private async read(stream: string): Promise<void> {
    const known = this.directory.revisionOf(stream);
    const from = known === 'no_stream' ? 0 : known + 1;
    for await (const event of this.store.readStream(stream, { from })) this.directory.apply(event);
  }
}
