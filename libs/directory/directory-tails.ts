import type { EventStore } from '#libs/event-store/event-store.js';
import type { Directory } from './directory.js';

/** So many streams are read at once; anybody may ask with a made-up name, and the store has better things to do. */
const AT_ONCE = 16;

/** A read under way, and the one that follows it if somebody has asked meanwhile. */
type Reading = { readonly done: Promise<boolean>; next?: Promise<boolean> };

/**
 * Reads a stream's end ahead of the log. The directory follows within milliseconds what other processes write; before
 * somebody is turned away for what it does not know, those are made up for: who was registered at one gateway may
 * connect to the next at once.
 */
export class DirectoryTails {
  private readonly reading = new Map<string, Reading>();

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly directory: Pick<Directory, 'apply' | 'revisionOf'>,
  ) {}

  /**
   * Has the directory know what is in the stream now. A read under way may have passed by what was written since it
   * began, so all who ask meanwhile share the one after it.
   * @returns whether it does; false where the store is away or too many ask: what is known has to do. Never throws.
   */
  async readOn(stream: string): Promise<boolean> {
    const underWay = this.reading.get(stream);
    if (underWay) return (underWay.next ??= underWay.done.then(() => this.begin(stream)));
    return this.reading.size < AT_ONCE && this.begin(stream);
  }

  private begin(stream: string): Promise<boolean> {
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
