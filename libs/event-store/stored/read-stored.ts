import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { openReading } from '../client.js';
import { translateError } from '../error-translation.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { readRequest } from './read-request.js';
import { storedEventOf } from './stored-event.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientReadableStream } from '@grpc/grpc-js';
import type { StoreClient } from '../client.js';
import type { LogRead } from './read-request.js';
import type { StoredEvent } from './stored-event.js';

/** Events handed over at once at most. */
const BATCH = 256;

/**
 * The log as it is stored, in batches of what has arrived: a read ends at the log's end, one that follows never does.
 * An empty batch says that nothing more is there for now; none comes before the server has answered at all. While the caller works on a batch the server is held back by
 * the connection's flow control, so that memory stays constant however slow the caller is. A server that says nothing at
 * first is given up after `openWithinMs`; one that hangs later is noticed by the connection's keep-alive. The signal ends
 * it at once, also while it waits.
 *
 * @throws StoreUnavailable | UnknownPosition | StoreFault
 */
export async function* readStored(
  client: StoreClient,
  read: LogRead,
  openWithinMs: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  const call = await open(client, read);
  const arrivals = new Arrivals(call);
  const onAbort = (): void => arrivals.end();
  if (signal?.aborted) arrivals.end();
  else signal?.addEventListener('abort', onAbort);
  let answered = false;
  // A filtered read may rightly be silent while the server searches.
  const late =
    read.filter && !read.follow ? undefined : setTimeout(() => arrivals.giveUp(openWithinMs), openWithinMs);
  try {
    for (;;) {
      const batch = arrivals.take();
      if (signal?.aborted) return;
      if (batch.length > 0) {
        answered = true;
        clearTimeout(late);
        const events = batch.map(storedEventOf).filter((event) => event !== undefined);
        if (events.length > 0) yield events;
        continue;
      }
      if (arrivals.ended) return;
      if (answered) yield [];
      await arrivals.more();
    }
  } catch (error) {
    throw translateError(error);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
    call.cancel();
    call.resume(); // a call with unread data would never end
  }
}

const open = async (client: StoreClient, read: LogRead): Promise<ClientReadableStream<ReadResp>> => {
  const request = readRequest(read);
  try {
    return await openReading(client, grpc.StreamsClient, (streams, metadata, options) =>
      streams.read(request, metadata, options),
    );
  } catch (error) {
    throw translateError(error);
  }
};

/** What a call has brought so far. */
class Arrivals {
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(private readonly call: ClientReadableStream<ReadResp>) {
    call
      .on('readable', () => this.#wake())
      .on('error', (error) => this.end(error))
      .on('end', () => this.end());
  }

  /** @throws what ended the call, once all that came before was taken */
  get ended(): boolean {
    if (this.#error) throw this.#error;
    return this.#ended;
  }

  take(): ReadResp[] {
    const taken: ReadResp[] = [];
    while (taken.length < BATCH) {
      const answer = this.call.read() as ReadResp | null;
      if (answer === null) break;
      taken.push(answer);
    }
    return taken;
  }

  async more(): Promise<void> {
    if (this.#ended || this.call.readableLength > 0) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  giveUp(afterMs: number): void {
    this.end(new StoreUnavailable(`The event store did not answer a read within ${afterMs} ms`));
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake();
  }
}
