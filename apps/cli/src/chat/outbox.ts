import type { WireError } from '#libs/protocol/errors.js';
import { sleep } from '#libs/time/sleep.js';

/** A line to be sent. `id` stays the same for all attempts, so that the server accepts the line once. */
export type Post = Readonly<{ id: string; body: string }>;

export type PostAnswer =
  Readonly<{ ok: true; seq: number; duplicate?: boolean }> | Readonly<{ ok: false; error: WireError }>;

/** Milliseconds before another attempt when the server does not name a time. */
const PAUSE_MS = 500;

/**
 * Sends lines one after the other, each until it is accepted or refused for good. The order is kept, and no
 * line is lost or duplicated over reconnects.
 */
export class Outbox {
  /** The highest seq of an accepted line, or -1 before the first. */
  lastSeq = -1;
  private last: Promise<void> = Promise.resolve();

  constructor(
    /** Sends one line. Rejects when no answer came: the post may have been accepted or not. */
    private readonly send: (post: Post) => Promise<PostAnswer>,
    private readonly onRefused: (error: WireError) => void,
    private readonly ended: AbortSignal,
  ) {}

  addPost(post: Post): void {
    this.last = this.last.then(() => this.deliver(post));
  }

  /** Resolves when every line added so far has been answered, or when the chat has ended. */
  async drained(): Promise<void> {
    await this.last;
  }

  private async deliver(post: Post): Promise<void> {
    while (!this.ended.aborted) {
      const answer = await this.send(post).catch(() => undefined);
      if (answer?.ok === true) {
        this.lastSeq = Math.max(this.lastSeq, answer.seq);
        return;
      }
      if (answer !== undefined && !answer.error.retryable) {
        this.onRefused(answer.error);
        return;
      }
      await sleep(answer?.error.retryAfterMs ?? PAUSE_MS, this.ended);
    }
  }
}
