import { mkdir } from 'node:fs/promises';
import { decodePositioned, isSystemEvent } from '#libs/event-store/codec/decode-event.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { comparePositions, type LogPosition } from '#libs/event-store/position.js';
import { lockFolder } from '#libs/platform/files/folder-lock.js';
import { RequestError } from '#libs/protocol/errors.js';
import { endsWithin } from '#libs/time/deadline.js';
import { BlockFiles } from './block-files.js';
import { eventAt } from './event-at.js';
import { EventIndex } from './event-index.js';
import { DamagedBlock } from './index-block.js';

/** Milliseconds that a question waits for the index to come level with the log. */
const WAIT_MS = 5_000;
const RETRY_AFTER_MS = 5_000;

export type IndexKeeperParts = Readonly<{
  /** A folder for this process alone. It is made (mode 0700) with the first question. */
  folder: string;
  store: Pick<EventStore, 'readStored'>;
  /** Called with what an operator should know. */
  say(level: 'info' | 'warn', text: string): void;
  waitMs?: number;
  blockEntries?: number;
}>;

/**
 * Keeps an index of the log's events. It costs nothing until somebody asks: a question brings it level with the log
 * first. The index can be thrown away at any time, and is when it is damaged or belongs to another log.
 */
export class IndexKeeper {
  readonly #closing = new AbortController();
  #files: BlockFiles | undefined;
  #index: EventIndex | undefined;
  #unlock: (() => void) | undefined;
  #reading: Promise<EventIndex> | undefined;
  #next: Promise<EventIndex> | undefined;
  /** Why the index is to be thrown away before the log is read again. */
  #doom: string | undefined;

  constructor(private readonly parts: IndexKeeperParts) {}

  /**
   * Returns the index once it has looked at every event that was in the log at the call.
   *
   * @throws RequestError `event_index_unavailable` when that takes longer than five seconds (the reading goes on), or
   * when the index can't be kept here; StoreUnavailable
   */
  async levelIndex(): Promise<EventIndex> {
    const reading = this.#readOn();
    // If it fails after the wait, the next question says why.
    reading.catch(() => undefined);
    if (!(await endsWithin(this.parts.waitMs ?? WAIT_MS, reading))) throw await this.#stillReading();
    return reading;
  }

  /**
   * Asks the index. A damaged one is thrown away, and is made again by the next question.
   *
   * @throws RequestError `event_index_unavailable` | StoreUnavailable
   */
  async ask<Answer>(question: (index: EventIndex) => Promise<Answer>): Promise<Answer> {
    const index = await this.levelIndex();
    try {
      return await question(index);
    } catch (error) {
      if (!(error instanceof DamagedBlock)) throw error;
      if (this.#index === index) this.#doom = error.message;
      throw unavailable('The index of events was damaged and is made again; try again');
    }
  }

  /** Ends a reading that is under way, and gives the folder back. */
  async stopKeeping(): Promise<void> {
    this.#closing.abort();
    await this.#next?.catch(() => undefined);
    await this.#reading?.catch(() => undefined);
    this.#unlock?.();
  }

  /** Resolves after a reading of the log that began after the call. Questions that wait share one. */
  #readOn(): Promise<EventIndex> {
    if (!this.#reading) return this.#begin();
    return (this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      }));
  }

  #begin(): Promise<EventIndex> {
    this.#reading = this.#readToEnd().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readToEnd(): Promise<EventIndex> {
    const index = await this.#open();
    const { signal } = this.#closing;
    await written(index);
    const from = index.last?.position ?? 'start';
    const read = { direction: 'forwards', from, follow: false, tellsDamage: true } as const;
    for await (const batch of this.parts.store.readStored(read, signal)) {
      for (const stored of batch)
        if (isNewer(stored.position, index) && !isSystemEvent(stored, stored.stream))
          index.addEvent(decodePositioned(stored));
      await written(index);
    }
    if (signal.aborted) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    return index;
  }

  async #open(): Promise<EventIndex> {
    if (this.#index && this.#doom === undefined) return this.#index;
    const { folder, store, say, blockEntries } = this.parts;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      this.#unlock ??= lockOf(folder);
      this.#files ??= await BlockFiles.openBlocks(folder);
      const last = this.#files.heads.at(-1)?.last;
      if (last && (await eventAt(store, last.position))?.eventId !== last.eventId)
        this.#doom ??= 'it is that of another log';
      if (this.#doom !== undefined) {
        say('warn', `The index of events is made again: ${this.#doom}`);
        await this.#files.removeAll();
      }
    } catch (error) {
      throw asUnavailable(error);
    }
    this.#doom = undefined;
    return (this.#index = new EventIndex(this.#files, blockEntries));
  }

  async #stillReading(): Promise<RequestError> {
    const read = this.#index?.last?.position.commit ?? 0n;
    let end = 0n;
    const newest = { direction: 'backwards', from: 'end', follow: false, limit: 1 } as const;
    for await (const batch of this.parts.store.readStored(newest)) end = batch[0]?.position.commit ?? end;
    const percent = end > 0n ? Number((100n * read) / end) : 0;
    return unavailable(`The index of events has read ${percent} % of the log; try again`);
  }
}

const isNewer = (position: LogPosition, { last }: EventIndex): boolean =>
  last === undefined || comparePositions(position, last.position) > 0;

/** @throws RequestError `event_index_unavailable` when a block can't be written; its entries stay in memory */
const written = async (index: EventIndex): Promise<void> => {
  try {
    await index.writeWhenFull();
  } catch (error) {
    throw asUnavailable(error);
  }
};

/** @throws RequestError `event_index_unavailable` when another process works in the folder */
const lockOf = (folder: string): (() => void) => {
  const lock = lockFolder(folder);
  if (typeof lock === 'number') throw unavailable(`The index of events is in use by process ${lock}`);
  return lock;
};

const asUnavailable = (error: unknown): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || error instanceof RequestError) return error;
  return unavailable(`The index of events can't be kept (${code})`);
};

const unavailable = (message: string): RequestError =>
  new RequestError('event_index_unavailable', message, RETRY_AFTER_MS);
