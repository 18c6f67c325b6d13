import { AppendChannel } from './append-channel.js';
import type { AppendResult } from './append-answer.js';
import type { AppendRequest } from './append-request.js';

/** How many calls carry the appends of a process. A call is opened when it is first needed. */
const CALLS = 8;

/**
 * Spreads appends over several long calls. gRPC's client writes a message of a call only when the one before it has left
 * the process, one or two turns of the event loop later, so appends to many streams would wait for each other. Appends
 * to one stream go over the same call.
 */
export class AppendChannels {
  readonly #channels: readonly AppendChannel[];

  constructor(...parts: ConstructorParameters<typeof AppendChannel>) {
    this.#channels = Array.from({ length: CALLS }, () => new AppendChannel(...parts));
  }

  /** See {@link AppendChannel.append}. */
  append(request: AppendRequest): Promise<AppendResult> {
    return this.#channels[callOf(request.stream)]!.append(request);
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}

/** Returns which call carries the appends to a stream. */
export const callOf = (stream: string): number => {
  let hash = 0;
  for (let at = 0; at < stream.length; at += 1) hash = (Math.imul(hash, 31) + stream.charCodeAt(at)) | 0;
  return (hash >>> 0) % CALLS;
};
