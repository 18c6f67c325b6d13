import { once } from 'node:events';
import { createGzip, constants, type Gzip } from 'node:zlib';
import type { Response } from 'express';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { ReplayFormat } from '../formats/replay-format.js';

/** Characters gathered before they are written: large enough to be cheap, small enough for many readers. */
const CHUNK = 64 * 1024;
/** Milliseconds a reader may take to read what was written; then its place is given to others. */
const STALLED_MS = 600_000;
/** Milliseconds until the system asks whether a silent reader is still there. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Prints events to a response. `print` waits while the reader does not read, so that a slow one holds the replay back
 * instead of filling memory.
 */
export class ReplayOutput {
  /** Events printed. */
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

  /** Sends the head at once: a follower waits for its first event with an answer in hand. */
  async begin(withHeader: boolean): Promise<void> {
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

  /** An empty batch sends what was gathered. */
  async print(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) this.#pending += this.format.line(event);
    this.count += events.length;
    if (this.#pending.length >= CHUNK || events.length === 0) await this.#flush();
    if (events.length === 0) this.#gzip?.flush(constants.Z_SYNC_FLUSH);
  }

  async end(): Promise<void> {
    await this.#flush();
    (this.#gzip ?? this.response).end();
  }

  /** Closes the connection without the answer's last chunk, by which every reader knows that it has only a part. */
  cut(): void {
    this.#gzip?.destroy();
    this.response.destroy();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') await this.#write(text);
  }

  /** @throws Error when the reader has not read for too long */
  async #write(text: string): Promise<void> {
    const target = this.#gzip ?? this.response;
    if (this.signal.aborted || target.write(text)) return;
    const stalled = AbortSignal.timeout(STALLED_MS);
    await once(target, 'drain', { signal: AbortSignal.any([this.signal, stalled]) }).catch(() => undefined);
    if (stalled.aborted && !this.signal.aborted) throw new Error('The reader of a replay does not read');
  }
}
