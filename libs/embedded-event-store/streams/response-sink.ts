import type { ServerWritableStream } from '@grpc/grpc-js';
import { RpcError, unknownError } from '../protocol/rpc-errors.js';

/** Where the frames of one call go, at the pace of its reader. */
export class ResponseSink {
  private readonly controller = new AbortController();

  constructor(private readonly call: ServerWritableStream<unknown, Buffer>) {
    const stop = (): void => this.controller.abort();
    call.on('cancelled', stop);
    call.on('close', stop);
    call.on('error', stop);
    if (call.cancelled) stop();
  }

  /** Aborted when the client is gone or the server closes. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Sends a frame. Undefined if more may follow at once, else a promise to wait for before the next one. */
  send(frame: Buffer): Promise<void> | undefined {
    if (this.signal.aborted || this.call.write(frame)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.call.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.call.on('drain', done);
      this.signal.addEventListener('abort', done);
    });
  }

  end(): void {
    if (!this.signal.aborted) this.call.end();
  }

  /** Ends the call with an error. */
  fail(error: unknown): void {
    if (this.signal.aborted) return;
    this.controller.abort();
    const rpcError = error instanceof RpcError ? error : unknownError((error as Error).message);
    this.call.emit('error', rpcError);
  }
}
