import { parseStreamName } from '#libs/domain/stream-names.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { BlockFiles } from './block-files.js';
import { termsOf } from './event-terms.js';
import { encodeBlock, hashTerm, type IndexEntry, type IndexedTo } from './index-block.js';

/** Entries in memory before a block is written: 1.5 MiB on disk, some 25,000 events. */
const BLOCK_ENTRIES = 65_536;

/** Places of a term, and whether there are more. */
export type Found = Readonly<{ places: readonly LogPosition[]; more: boolean }>;

/**
 * Says where in the log events lie that have an id or name one. Full blocks are on disk; the newest entries are in
 * memory only and are read again from the log by the next process. A place may be wrong (two terms with one hash, an
 * event that retention has removed), so whoever reads it there checks it.
 */
export class EventIndex {
  #entries: IndexEntry[] = [];
  /** The places of the entries in memory, by hash. */
  #newest = new Map<bigint, LogPosition[]>();
  #newStreams: string[] = [];
  #last: IndexedTo | undefined;
  readonly #cursorStreams = new Map<string, Set<string>>();

  constructor(
    private readonly files: BlockFiles,
    private readonly blockEntries = BLOCK_ENTRIES,
  ) {
    for (const { cursorStreams } of files.heads) for (const stream of cursorStreams) this.#noteStream(stream);
    this.#last = files.heads.at(-1)?.last;
  }

  /** The last event that was looked at; undefined before the first one. */
  get last(): IndexedTo | undefined {
    return this.#last;
  }

  /** Returns the names of the streams with cursors of a bot's consumers. */
  cursorStreamsOf(bot: string): string[] {
    return [...(this.#cursorStreams.get(bot) ?? [])].toSorted();
  }

  /** Adds the next event of the log. */
  addEvent(event: PositionedEvent): void {
    const { position, eventId, stream } = event;
    for (const term of termsOf(event)) this.#addEntry({ hash: hashTerm(term), position });
    this.#last = { position, eventId };
    if (this.#noteStream(stream)) this.#newStreams.push(stream);
  }

  /** Writes a block if there is enough for one. Nothing may be added until it resolves. @throws the file system's error */
  async writeWhenFull(): Promise<void> {
    if (this.#entries.length < this.blockEntries || !this.#last) return;
    await this.files.addBlock(encodeBlock(this.#entries, this.#last, this.#newStreams));
    this.#entries = [];
    this.#newest = new Map();
    this.#newStreams = [];
  }

  /** Returns the first places of a term, in the order of the log. @throws DamagedBlock */
  async findTerm(term: string, limit: number): Promise<Found> {
    const hashed = hashTerm(term);
    const places: LogPosition[] = [];
    for (let block = 0; block < this.files.heads.length && places.length <= limit; block += 1)
      places.push(...(await this.files.placesIn(block, hashed)));
    places.push(...(this.#newest.get(hashed) ?? []));
    return { places: places.slice(0, limit), more: places.length > limit };
  }

  /** Notes the stream if it holds cursors. Returns whether it is a new one. */
  #noteStream(stream: string): boolean {
    const place = parseStreamName(stream);
    if (place?.family !== 'cursor') return false;
    const bot = place.id.split('.', 1)[0]!;
    const known = this.#cursorStreams.get(bot) ?? new Set<string>();
    if (known.has(stream)) return false;
    this.#cursorStreams.set(bot, known.add(stream));
    return true;
  }

  #addEntry(entry: IndexEntry): void {
    this.#entries.push(entry);
    const known = this.#newest.get(entry.hash);
    if (known) known.push(entry.position);
    else this.#newest.set(entry.hash, [entry.position]);
  }
}
