import type { Readable } from 'node:stream';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { PACKED, PACKED_HEADER, openPack } from '#libs/protobuf/packed-messages.js';
import type { Allowance } from '#libs/platform/limits/allowances.js';
import type { WireReader } from '#libs/protobuf/wire.js';
import { openReading } from '../client.js';
import { cancelCall } from '../connection/cancel-call.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { readAnswer } from './read-answer.js';
import { readRequest } from './read-request.js';
import type { StoreClient } from '../client.js';
import { LOG_START } from '../position.js';
import type { LogPosition } from '../position.js';
import type { ReadAnswer } from './read-answer.js';
import type { EventRead } from './read-request.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

const CALL = new Boundary('log.read');

/** Milliseconds that an abandoned read may take to run out. */
const RUN_OUT_MS = 10_000;

/** The answers of a server as they arrive, undecoded. */
export type AnswerStream = Readable & { cancel(): void };

/** What a call knows of the connection that it uses, and of its request. */
type CallContext = Readonly<{
  /** Limits how many calls of the connection may be cancelled. Without it there is no limit. */
  cancellations: Pick<Allowance, 'takeTokens'>;
  /** Called when the server owed an answer for this many milliseconds and sent none. */
  onSilence(silentMs: number): void;
  /** The place after which a read that follows begins. */
  from: LogPosition | undefined;
}>;

/**
 * Handles an open read or subscription. Answers wait in the connection until they are taken, so a slow caller holds the
 * server back by flow control, and memory stays constant.
 */
export class ReadCall {
  #ended = false;
  #error: Error | undefined;
  /**
   * Whether something arrived since the last {@link takeAnswer}. It may be the end of the read, which an empty stream
   * reports only when it is read again.
   */
  #stirred = false;
  #wake: () => void = () => undefined;
  /** Place of the newest answer that was taken. */
  #place: LogPosition | undefined;
  #isWaiting = false;
  /** The answers that came together and are not taken yet. */
  #pack: WireReader | undefined;

  constructor(
    private readonly answers: AnswerStream,
    private readonly context: Partial<CallContext> = {},
  ) {
    this.#place = context.from;
    const broken = (error: Error): void => this.endRead(new StoreUnavailable(error.message));
    const stir = (): void => {
      this.#stirred = true;
      this.#wake();
    };
    answers
      .on('readable', CALL.guard(stir, broken))
      .on(
        'error',
        CALL.guard((error: Error) => this.endRead(error), broken),
      )
      .on(
        'end',
        CALL.guard(() => this.endRead(), broken),
      );
  }

  /** Whether the call has ended. @throws the error that ended it, once everything before was taken */
  get ended(): boolean {
    if (!this.#ended) return false;
    if (this.#error) throw this.#error;
    return true;
  }

  /** Returns the next answer if it has arrived. @throws MalformedMessage */
  takeAnswer(): ReadAnswer | undefined {
    this.#stirred = false;
    const message = this.#nextMessage();
    if (message === undefined) return undefined;
    const answer = readAnswer(message);
    if (answer.kind === 'event') this.#place = answer.event.position;
    else if (answer.kind === 'checkpoint') this.#place = answer.position;
    return answer;
  }

  /** Returns the next message, out of its pack if it came in one. */
  #nextMessage(): Buffer | undefined {
    while (!this.#pack?.next()) {
      const message = this.answers.read() as Buffer | null;
      if (message === null) return (this.#pack = undefined);
      this.#pack = openPack(message);
      if (!this.#pack) return message;
    }
    return this.#pack.bytes();
  }

  /** Resolves when there may be more to take, or when the call has ended. */
  async whenMore(): Promise<void> {
    if (this.#ended || this.#stirred) return;
    this.#isWaiting = true;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isWaiting = false;
  }

  /** Does the same as `whenMore`, but ends the call with StoreUnavailable when nothing comes for this long. */
  async moreWithin(silenceMs: number): Promise<void> {
    const cancel = SYSTEM_CLOCK.after(silenceMs, () => this.endSilent('did not answer a read', silenceMs));
    await this.whenMore();
    cancel();
  }

  /** Ends the call with StoreUnavailable, because the server owed an answer for so long. */
  endSilent(what: string, silentMs: number): void {
    this.endRead(new StoreUnavailable(`The event store ${what} within ${silentMs} ms`));
    this.context.onSilence?.(silentMs);
  }

  /** Place of the newest answer that was taken, while nothing more has come; undefined while the caller is busy. */
  get waitsAt(): LogPosition | undefined {
    return this.#isWaiting ? this.#place : undefined;
  }

  /** Whether the call has ended, however that happened. */
  get isOver(): boolean {
    return this.#ended;
  }

  endRead(error?: Error): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake();
  }

  /** Cancels the call. Nothing can be taken afterwards. */
  cancel(): void {
    cancelCall(this.answers);
    this.discardRest();
  }

  /**
   * Does the same as `cancel` for a read that ends by itself before long. When many calls of the connection were
   * cancelled recently, the rest of the read is received and dropped instead, so that the server does not take this
   * client for an attacker.
   */
  leaveRead(): void {
    const { cancellations } = this.context;
    if (this.#ended || !cancellations || cancellations.takeTokens(1) === 0) return this.cancel();
    const cancel = SYSTEM_CLOCK.after(RUN_OUT_MS, () => this.answers.cancel(), { unref: true });
    this.answers.once('close', cancel);
    this.discardRest();
  }

  /**
   * Drops what still arrives, because a call with unread data would never end. A stream flows only when nobody listens
   * to `readable`.
   */
  private discardRest(): void {
    this.endRead();
    this.#pack = undefined;
    this.answers.removeAllListeners('readable').on('data', () => undefined);
  }
}

/** Returns the place after which a read that follows begins, as far as that is known without the server. */
const beginningOf = (read: EventRead): LogPosition | undefined => {
  if ('stream' in read || !read.follow || read.from === 'end') return undefined;
  return read.from === 'start' ? LOG_START : read.from;
};

const { path, requestSerialize } = grpc.StreamsService.read;
const asTheyCome = (message: Buffer): Buffer => message;

/**
 * Opens a read of the store. The client's own reads turn each answer into many objects, which costs more than
 * everything that we do with it. So the call is made on the client's channel, and `readAnswer` decodes the answers.
 *
 * @throws StoreUnavailable when the signal aborts, or when no channel is found within `withinMs`; else the error of the
 * client
 */
export const openRead = (
  client: StoreClient,
  read: EventRead,
  signal?: AbortSignal,
  withinMs?: number,
): Promise<ReadCall> => {
  const request = readRequest(read);
  const opening = openReading(client, grpc.StreamsClient, (streams, metadata, options) => {
    metadata.set(PACKED_HEADER, PACKED);
    if (read.tellsDamage) metadata.set('verbatim-damaged', 'told');
    return streams.makeServerStreamRequest(path, requestSerialize, asTheyCome, request, metadata, options);
  });
  let isLeft = false;
  return new Promise((resolve, reject) => {
    const leave = (why: string): void => {
      isLeft = true;
      reject(new StoreUnavailable(why));
    };
    const onAbort = (): void => leave('The read was given up');
    const late = (): void => leave(`Nobody took a read within ${withinMs} ms`);
    const cancel = withinMs ? SYSTEM_CLOCK.after(withinMs, late) : undefined;
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const take = ({ call, channel }: Awaited<typeof opening>): void => {
      const opened = new ReadCall(call, {
        cancellations: client.cancellations,
        onSilence: (silentMs) => client.leaveSilent(channel, silentMs),
        from: beginningOf(read),
      });
      if (isLeft) opened.cancel();
      else resolve(opened);
    };
    void opening.then(take, reject).finally(() => {
      cancel?.();
      signal?.removeEventListener('abort', onAbort);
    });
  });
};
