import { StreamNotFoundError } from '@eventstore/db-client';
import { translateError } from './error-translation.js';
import { StoreUnavailable } from './event-store.errors.js';
import type { ResolvedEvent, StreamingRead } from '@eventstore/db-client';
import type { Readable } from 'node:stream';
import type { Asked } from './error-translation.js';

/** Events that wait decoded in memory while the caller works on earlier ones. */
export const READ_BUFFER = { highWaterMark: 256 } as const;

type Reading<E> = StreamingRead<E> & Pick<Readable, 'destroy' | 'iterator' | 'resume'>;

/**
 * Hands out a read's events one by one. A missing stream is an empty one. When the caller stops early (or throws) the
 * call to the server is cancelled and what has arrived of it is drained: merely destroying the client's stream would
 * leave the call open for ever. A server silent for `silenceMs` while an event is waited for ends it with
 * StoreUnavailable.
 *
 * @throws StoreUnavailable | StreamGone | StoreFault
 */
export async function* readEvents<E = ResolvedEvent>(
  open: () => StreamingRead<E>,
  asked: Asked,
  silenceMs: number,
): AsyncGenerator<E> {
  const reading = open() as Reading<E>;
  reading.on('error', () => undefined); // one that comes after the caller left concerns nobody
  let awaited = true;
  const silence = setTimeout(() => {
    if (!awaited) return; // the caller is slow, not the server
    reading.destroy(new StoreUnavailable(`The event store did not answer a read within ${silenceMs} ms`));
  }, silenceMs);
  try {
    for await (const resolved of reading.iterator({ destroyOnReturn: false }) as AsyncIterable<E>) {
      awaited = false;
      yield resolved;
      awaited = true;
      silence.refresh();
    }
  } catch (error) {
    if (error instanceof StreamNotFoundError) return;
    throw translateError(error, asked);
  } finally {
    clearTimeout(silence);
    void reading.cancel().catch(() => undefined); // rejects when no call was ever opened
    reading.resume();
  }
}
