import { once } from 'node:events';
import { createGzip, constants, type Gzip } from 'node:zlib';
import type { Response } from 'express';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { ReplayFormat } from '../formats/replay-format.js';

/**
 * How many characters are collected before they are written: enough to be cheap, few enough for many readers.
 */
const CHUNK = 64 * 1024;
/** Milliseconds that a reader may take to read what was written. After that, its place is given to others. */
const STALLED_MS = 600_000;
/** Milliseconds until the system checks whether a silent reader is still there. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Writes events to a response. `print` waits while the reader does not read, so that a slow reader holds the
 * replay back instead of filling memory.
 */
export class ReplayOutput {
  /** How many events were printed. */
  count = 0;
  #pending = '';
  readonly #gzip: Gzip | undefined;

  constructor(
    private readonly response: Response,
    private readonly format: ReplayFormat,
    private readonly signal: AbortSignal,
    compress: boolean,
  ) {
    if (!compress) return;
    this.#gzip = createGzip({ level: constants.Z_BEST_SPEED });
    this.#gzip.pipe(response);
  }

  /**
   * Sends the head of the answer at once. A follower may wait long for its first event, but then it already
   * has an answer.
   */
  async beginOutput(withHeader: boolean): Promise<void> {
    this.response.status(200).set({
      'Content-Type': this.format.contentType,
      'Cache-Control': 'no-store',
      Vary: 'Accept-Encoding',
      ...(this.#gzip && { 'Content-Encoding': 'gzip' }),
    });
    this.response.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
    this.response.flushHeaders();
    if (withHeader) await this.#write(this.format.header);
  }

  /** Prints events. An empty batch sends what has been collected. */
  async print(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) this.#pending += this.format.line(event);
    this.count += events.length;
    if (this.#pending.length >= CHUNK || events.length === 0) await this.#flush();
    if (events.length === 0) this.#gzip?.flush(constants.Z_SYNC_FLUSH);
  }

  async endOutput(): Promise<void> {
    await this.#flush();
    (this.#gzip ?? this.response).end();
  }

  /**
   * Closes the connection without the last chunk of the answer. Every reader can tell by this that the answer
   * is incomplete.
   */
  cutOutput(): void {
    this.#gzip?.destroy();
    this.response.destroy();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') await this.#write(text);
  }

  /**
   * Writes text and waits until the reader has room for more.
   *
   * @throws Error when the reader has not read for too long
   */
  async #write(text: string): Promise<void> {
    const target = this.#gzip ?? this.response;
    if (this.signal.aborted || target.write(text)) return;
    const stalled = AbortSignal.timeout(STALLED_MS);
    await once(target, 'drain', { signal: AbortSignal.any([this.signal, stalled]) }).catch(() => undefined);
    if (stalled.aborted && !this.signal.aborted)
      throw new Error('The reader of a replay has stopped reading');
  }
}
