import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { MessageReader, frameMessages } from './message-reader.js';
import { PACKED, PACKED_HEADER, packMessages } from '#libs/protobuf/packed-messages.js';
import { RpcError, STATUS, toRpcError, trailersOf } from './status.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

/** Largest request in bytes (the usual limit of Kestrel and gRPC). */
const MAX_MESSAGE = 4 * 1024 * 1024;
/** Messages go to HTTP/2 in pieces of this many bytes, because a write costs far more than a message. */
const FLUSH_BYTES = 64 * 1024;

const RESPONSE_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };

export interface RequestListener {
  message(bytes: Buffer): void;
  /** The client has sent everything. */
  end?(): void;
}

/**
 * Handles one call: requests arrive as bytes, and responses leave as bytes at the reader's pace. It ends once: by
 * `end`, by `fail`, by its deadline, or because the client left.
 */
export class GrpcCall {
  private readonly controller = new AbortController();
  private readonly reader = new MessageReader(MAX_MESSAGE);
  private queued: Buffer[] = [];
  private queuedBytes = 0;
  private cancelDeadline: Cancel | undefined;
  private draining: Promise<void> | undefined;
  private packs = false;
  /** How the call ends when the server does. `unsaid` means without a status, together with its connection. */
  atShutdown: RpcError | 'unsaid' | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
  ) {
    const stop = (): void => this.stopReading();
    stream.on('aborted', stop).on('close', stop).on('error', stop);
  }

  /**
   * Sends messages that leave together as one message, if the client takes that. Call it before anything is sent, and
   * only for messages that leave out the field of a pack.
   */
  packIfTaken(): void {
    this.packs = this.header(PACKED_HEADER) === PACKED;
  }

  /** Signal that is aborted when the call is over. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Returns metadata that the client sent with the call. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  listen(listener: RequestListener): void {
    this.stream.on('data', (piece: Buffer) => {
      if (this.signal.aborted) return;
      try {
        this.reader.readPiece(piece, (message) => listener.message(message));
      } catch (error) {
        this.fail(error);
      }
    });
    this.stream.on('end', () => {
      if (!this.signal.aborted) listener.end?.();
    });
  }

  /** Ends the call with DEADLINE_EXCEEDED after this many milliseconds. */
  setDeadline(milliseconds: number): void {
    const expire = (): void => this.fail(new RpcError(STATUS.DEADLINE_EXCEEDED, 'Deadline exceeded'));
    this.cancelDeadline = SYSTEM_CLOCK.after(Math.min(milliseconds, 0x7fff_ffff), expire, { unref: true });
  }

  /** Stops reading requests, so that the client stops sending. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  /**
   * Sends a message. Returns undefined if the next one may follow at once, else a promise to await before the next one.
   */
  send(message: Buffer): Promise<void> | undefined {
    if (this.signal.aborted) return undefined;
    this.queued.push(message);
    this.queuedBytes += message.length;
    if (this.queuedBytes >= FLUSH_BYTES) return this.flush() ? undefined : this.drained();
    if (this.queued.length === 1) process.nextTick(() => this.flush());
    return this.stream.writableNeedDrain ? this.drained() : undefined;
  }

  /** Ends the call with success, after everything that was sent. */
  end(): void {
    if (this.signal.aborted) return;
    this.flush();
    this.finish({ 'grpc-status': String(STATUS.OK) });
  }

  /** Ends the call with an error, after everything that was sent. */
  fail(error: unknown): void {
    if (this.signal.aborted) return;
    this.flush();
    this.finish(trailersOf(toRpcError(error)));
  }

  /** Ends the call because the server stops. */
  shutDown(reason: RpcError): void {
    if (this.atShutdown === 'unsaid') this.stopReading();
    else this.fail(this.atShutdown ?? reason);
  }

  private finish(trailers: Record<string, string>): void {
    this.stopReading();
    if (this.stream.destroyed || this.stream.closed) return;
    if (!this.stream.headersSent) {
      this.stream.respond({ ...RESPONSE_HEADERS, ...trailers }, { endStream: true });
    } else {
      this.stream.on('wantTrailers', () => this.stream.sendTrailers(trailers));
      this.stream.end();
    }
    // Discards whatever the client still sends. Unread, it would block the connection's flow-control window.
    this.stream.resume();
  }

  private flush(): boolean {
    if (this.queued.length === 0 || this.stream.destroyed || this.stream.closed) return true;
    const framed = frameMessages(this.packs ? [packMessages(this.queued)] : this.queued);
    this.queued = [];
    this.queuedBytes = 0;
    if (!this.stream.headersSent) this.stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
    return this.stream.write(framed);
  }

  /** Shares one promise between all callers, because there may be many answers whose promise nobody awaits. */
  private drained(): Promise<void> {
    this.draining ??= new Promise((resolve) => {
      const done = (): void => {
        this.draining = undefined;
        this.stream.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.stream.on('drain', done);
      this.signal.addEventListener('abort', done);
      if (this.signal.aborted) done();
    });
    return this.draining;
  }

  private stopReading(): void {
    this.cancelDeadline?.();
    this.controller.abort();
  }
}
