import type { GrpcCall } from '../grpc/grpc-call.js';
import {
  batchError,
  batchSuccess,
  readBatchAppendMessage,
  type BatchAppendMessage,
  type BatchAppendOptions,
  type BatchError,
} from '../protocol/batch-append-messages.js';
import { sizeOnDisk } from '../protocol/proposed-events.js';
import { MAX_APPEND_SIZE, cancelled, dataLost } from '../protocol/store-errors.js';
import { DamagedLog } from '../record/damaged-log.js';
import type { ExpectedRevision } from '../rules/expected-revision.js';
import { NotWritten, WriterClosed, type LogWriter } from '../storage/log-writer.js';
import type { ProposedEvent } from '../record/record.js';
import { checkExpected, checkStream } from './append.handler.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

interface OpenAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: ProposedEvent[];
  readonly cancelDeadline: Cancel;
  size: number;
}

/** Bytes of events waiting to be written above which nothing more is read from the client. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/** The server's own time limit for an unfinished write in milliseconds (Opts.WriteTimeoutMs). */
const WRITE_TIMEOUT = 2_000_000_000;

/**
 * Handles many appends over one call, each in one or more messages, and answers each once, in the order they are
 * written (Streams.BatchAppend.cs). An error of one append is an answer; the call goes on.
 */
export class BatchAppend {
  private readonly open = new Map<string, OpenAppend>();
  private pending = 0;
  private ended = false;

  constructor(
    private readonly writer: LogWriter,
    private readonly call: GrpcCall,
  ) {}

  run(): void {
    this.call.atShutdown = cancelled();
    this.call.listen({
      message: (bytes) => this.receive(readBatchAppendMessage(bytes)),
      end: () => {
        this.ended = true;
        this.endWhenAnswered();
      },
    });
    this.call.signal.addEventListener('abort', () => {
      for (const { cancelDeadline } of this.open.values()) cancelDeadline();
      this.open.clear();
    });
  }

  private receive(message: BatchAppendMessage): void {
    if (message.options && !this.beginBatch(message, message.options)) return;
    const append = this.open.get(message.correlationId);
    if (!append) return; // already refused, or unknown: the client got its answer
    for (const event of message.events) {
      append.size += sizeOnDisk(event);
      append.events.push(event);
    }
    if (message.problem)
      return this.refuse(message, append.stream, { kind: 'bad_request', message: message.problem });
    if (append.size > MAX_APPEND_SIZE) return this.refuse(message, append.stream, { kind: 'too_large' });
    if (!message.isFinal) return;
    this.forget(message.correlationId);
    void this.write(message, append);
  }

  private beginBatch(message: BatchAppendMessage, options: BatchAppendOptions): boolean {
    const left = timeLeft(options);
    if (left <= 0) {
      this.refuse(message, options.stream, { kind: 'timeout' });
      return false;
    }
    try {
      const stream = checkStream(options.stream);
      const expected = checkExpected(options.expected);
      const expire = (): void => this.refuse(message, options.stream, { kind: 'timeout' });
      const cancelDeadline = SYSTEM_CLOCK.after(Math.min(left, WRITE_TIMEOUT), expire, { unref: true });
      this.open.set(message.correlationId, { stream, expected, events: [], cancelDeadline, size: 0 });
      return true;
    } catch (error) {
      this.refuse(message, options.stream, { kind: 'bad_request', message: (error as Error).message });
      return false;
    }
  }

  private async write(message: BatchAppendMessage, { stream, expected, events }: OpenAppend): Promise<void> {
    this.pending += 1;
    if (this.writer.queuedBytes > MAX_QUEUED_BYTES) this.call.pause();
    try {
      const outcome = await this.writer.submit({ kind: 'append', stream, expected, events });
      if (outcome.kind === 'success')
        this.answer(batchSuccess(message, stream, outcome.lastRevision, outcome.position));
      else if (outcome.kind === 'stream_deleted') this.answer(batchError(message, stream, outcome));
      else this.answer(batchError(message, stream, { ...outcome, expected }));
    } catch (error) {
      if (error instanceof WriterClosed) this.call.fail(cancelled());
      if (error instanceof DamagedLog) this.call.fail(dataLost(error));
      // Not synced, or too late. The events may be stored or not, as after the real server's commit timeout.
      const outcome: BatchError =
        error instanceof NotWritten ? { kind: 'not_written', message: error.message } : { kind: 'timeout' };
      this.answer(batchError(message, stream, outcome));
    }
    this.pending -= 1;
    if (this.pending === 0 || this.writer.queuedBytes <= MAX_QUEUED_BYTES) this.call.resume();
    this.endWhenAnswered();
  }

  private refuse(message: BatchAppendMessage, stream: string, error: BatchError): void {
    this.forget(message.correlationId);
    this.answer(batchError(message, stream, error));
  }

  private forget(correlationId: string): void {
    this.open.get(correlationId)?.cancelDeadline();
    this.open.delete(correlationId);
  }

  /**
   * Sends an answer. Answers are small, one per append, so the unread answers of a client are bounded by the appends it
   * sent.
   */
  private answer(frame: Buffer): void {
    void this.call.send(frame);
  }

  private endWhenAnswered(): void {
    if (this.ended && this.pending === 0) this.call.end();
  }
}

const timeLeft = ({ deadline }: BatchAppendOptions): number => {
  if (!deadline) return Number.POSITIVE_INFINITY;
  return 'at' in deadline ? deadline.at - Date.now() : deadline.after;
};
