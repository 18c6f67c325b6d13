import type { EventStore } from '#libs/event-store/event-store.js';
import type { Directory } from './directory.js';

/**
 * How many streams are read at once. The limit protects the store, because anybody can cause a read with a
 * made-up name.
 */
const AT_ONCE = 16;

/** A read in progress, and the next read if somebody has asked for it in the meantime. */
type Reading = { readonly done: Promise<boolean>; next?: Promise<boolean> };

/**
 * Reads the end of a stream before the subscription delivers it. The directory follows writes of other
 * processes within milliseconds. Before somebody is refused, this read closes that gap: a bot that was
 * registered at one gateway can connect to the next one at once.
 */
export class DirectoryTails {
  private readonly reading = new Map<string, Reading>();

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly directory: Pick<Directory, 'apply' | 'revisionOf'>,
  ) {}

  /**
   * Brings the directory up to date with a stream. A read in progress may have missed events that were
   * written after it began, so everybody who asks during it shares the read after it. Never rejects.
   *
   * @returns whether the stream was read. False when the store is unreachable or too many streams are being
   * read; the caller then works with what is known.
   */
  async readOn(stream: string): Promise<boolean> {
    const underWay = this.reading.get(stream);
    if (underWay) return (underWay.next ??= underWay.done.then(() => this.beginStream(stream)));
    return this.reading.size < AT_ONCE && this.beginStream(stream);
  }

  private beginStream(stream: string): Promise<boolean> {
    const reading: Reading = {
      done: this.read(stream).then(
        () => true,
        () => false,
      ),
    };
    this.reading.set(stream, reading);
    void reading.done.finally(() => {
      if (reading.next === undefined) this.reading.delete(stream);
    });
    return reading.done;
  }

  private async read(stream: string): Promise<void> {
    const known = this.directory.revisionOf(stream);
    const from = known === 'no_stream' ? 0 : known + 1;
    for await (const event of this.store.readStream(stream, { from })) this.directory.apply(event);
  }
}
