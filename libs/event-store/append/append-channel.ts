import { randomUUID } from 'node:crypto';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { openDuplex } from '../client.js';
import { cancelCall } from '../connection/cancel-call.js';
import { translateError } from '../error-translation.js';
import { StoreRefusesWrites, StoreUnavailable } from '../event-store.errors.js';
import { decodeAppendAnswer, isUndecided, readAnswer } from './append-answer.js';
import { encodeAppend } from './append-request.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { CallOver, StoreClient } from '../client.js';
import type { AppendAnswer, AppendResult } from './append-answer.js';
import type { AppendRequest } from './append-request.js';
import type { WritingState } from './writing-state.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

const CALL = new Boundary('log.append');

const { path } = grpc.StreamsService.batchAppend;
const asItIs = (message: Buffer): Buffer => message;

type Call = CallOver<ClientDuplexStream<Buffer, AppendAnswer>>;
type Waiting = { request: AppendRequest; over?: Call; settle(answer: AppendAnswer | Error): void };

/**
 * Sends all appends of a process over one long call, which takes a third of the cost of a call for each. Every append
 * is answered, refused or given up within the deadline. When the call ends, pending appends get StoreUnavailable, and
 * the next one opens another call.
 *
 * The client has such a call too (`appendToStream`), but it keeps its waiting appends in one table for all clients and
 * calls of a process. The end of any one call then fails appends of the others, and an answer to such an append throws
 * where nobody can catch it. So the call is made here, on the client's channel.
 */
export class AppendChannel {
  readonly #waiting = new Map<string, Waiting>();
  /** The call that is being opened or is open; `#current` is the open one. */
  #call: Promise<Call> | undefined;
  #current: Call | undefined;
  #closed = false;

  constructor(
    private readonly client: StoreClient,
    private readonly deadlineMs: number,
    private readonly writing: WritingState,
  ) {}

  /** @throws WrongExpectedRevision | StoreUnavailable | AppendTooLarge | StreamGone | StoreFault */
  append(request: AppendRequest): Promise<AppendResult> {
    if (this.#closed)
      return Promise.reject(new StoreUnavailable('The connection to the event store is closed'));
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const late = CALL.guard(() => this.#giveUp(id));
      const cancel = SYSTEM_CLOCK.after(this.deadlineMs, late);
      const settle = (answer: AppendAnswer | Error): void => {
        cancel();
        this.#waiting.delete(id);
        try {
          if (answer instanceof Error) throw answer;
          const result = answer.result ?? readAnswer(answer.other!, request);
          this.writing.taken();
          resolve(result);
        } catch (error) {
          if (error instanceof StoreRefusesWrites) this.writing.refused(error.message);
          reject(translateError(error, request));
        }
      };
      const waiting: Waiting = { request, settle };
      this.#waiting.set(id, waiting);
      CALL.run(() => this.#send(id, waiting), settle);
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#current) cancelCall(this.#current.call);
    this.#failAll(undefined, new StoreUnavailable('The connection to the event store was closed'));
  }

  async #send(id: string, waiting: Waiting): Promise<void> {
    try {
      const message = encodeAppend(id, waiting.request, new Date(Date.now() + this.deadlineMs));
      await this.#leaveIfMoved();
      const call = await (this.#call ??= this.#open());
      if (!this.#waiting.has(id)) return; // it was given up while the call was being opened
      waiting.over = call;
      call.call.write(message);
    } catch (error) {
      waiting.settle(translateError(error));
    }
  }

  async #open(): Promise<Call> {
    try {
      const over = await openDuplex(this.client, grpc.StreamsClient, (streams, metadata, options) =>
        streams.makeBidiStreamRequest(path, asItIs, decodeAppendAnswer, metadata, options),
      );
      const ended = (error?: Error): void => {
        this.#forget(over);
        this.#failAll(over, error ?? new StoreUnavailable('The event store ended the connection'));
      };
      const answered = (answer: AppendAnswer): void => {
        this.#waiting.get(answer.id)?.settle(answer);
        if (answer.other && isUndecided(answer.other)) this.client.doubt(over.channel);
      };
      // After a fault it is not known which append an answer was for, so all of them are tried again over another call.
      over.call
        .on(
          'data',
          CALL.guard(answered, () => over.call.cancel()),
        )
        .on('error', CALL.guard(ended))
        .on(
          'end',
          CALL.guard(() => ended()),
        );
      this.#current = over;
      if (this.#closed) cancelCall(over.call);
      return over;
    } catch (error) {
      this.#call = undefined;
      throw error;
    }
  }

  /**
   * Leaves a call to a member that is no longer in use. That call may still bring answers, but gets no more appends.
   */
  async #leaveIfMoved(): Promise<void> {
    const channel = await this.client.channel();
    if (!this.#current || this.#current.channel === channel) return;
    this.#current.call.end();
    this.#forget(this.#current);
  }

  #forget(call: Call | undefined): void {
    if (call !== this.#current) return;
    this.#current = undefined;
    this.#call = undefined;
  }

  /**
   * Gives an append up. A server that does not answer within the deadline it was given is stuck, so the next append
   * gets a new call.
   */
  #giveUp(id: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    waiting.settle(
      new StoreUnavailable(
        `The event store did not answer an append to ${waiting.request.stream} within ${this.deadlineMs} ms`,
      ),
    );
    if (!waiting.over) return;
    cancelCall(waiting.over.call);
    this.#forget(waiting.over);
    this.client.leaveSilent(waiting.over.channel, this.deadlineMs);
  }

  #failAll(call: Call | undefined, error: Error): void {
    for (const waiting of this.#waiting.values()) {
      if (call === undefined || waiting.over === call) waiting.settle(error);
    }
  }
}
