import { v7 as uuidv7 } from 'uuid';
import type { WireError } from '#libs/protocol/errors.js';
import type { Step } from '../checker/history.js';
import type { Random } from '../random.js';
import { postByHttp } from './post-by-http.js';

export type Post = Readonly<{ id: string; channel: string; body: string }>;

type Posted = Readonly<{ ok: true; id: string; channel: string; seq: number; at: string; duplicate?: true }>;
export type PostReply = Posted | Readonly<{ ok: false; error: WireError }>;

/** With `settle`, the caller gets the answer and decides what follows; without it, a refused post is sent again. */
type Unanswered = Readonly<{ post: Post; settle?: (reply: PostReply) => void }>;

/** Sends a post on the open connection. Returns false if there is none. */
type Send = (post: Post, answer: (reply: PostReply) => void) => boolean;

const PIPELINE = 20;
const REPEATED = 0.05;

/**
 * Sends the posts of one bot. Every message is sent again under its id until it is answered, over as many connections as
 * needed. Now and then one is sent again although it was answered.
 */
export class Outbox {
  /** Posts without an answer, in the order in which they were first sent. */
  private readonly unanswered = new Map<string, Unanswered>();
  private readonly answered: Post[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private count = 0;
  private sendings = 0;

  constructor(
    private readonly bot: string,
    private readonly send: Send,
    private readonly record: (step: Step) => void,
    private readonly random: Random,
  ) {}

  get size(): number {
    return this.unanswered.size;
  }

  /** Posts something new, unless enough posts are under way. */
  say(channel: string): void {
    if (this.unanswered.size < PIPELINE) this.post(this.compose(channel));
  }

  /** Makes a new post without sending it. */
  compose(channel: string): Post {
    this.count += 1;
    return { id: uuidv7(), channel, body: `${this.bot} says ${this.count} times “ǝuo”` };
  }

  /** Sends a post now if there is a connection, and again until it is answered. */
  post(post: Post): void {
    this.submit({ post });
  }

  /** Takes over the posts that another process of this bot left unanswered; they go out on the next connection. */
  inherit(posts: readonly Post[]): void {
    for (const post of posts) this.unanswered.set(post.id, { post });
  }

  /**
   * Sends a post now if there is a connection, and on each new one, until it is answered or the time is over. A refusal is
   * an answer, too.
   * @returns undefined when there was no answer in time
   */
  attempt(post: Post, timeoutMs: number): Promise<PostReply | undefined> {
    return new Promise((resolve) => {
      const settle = (reply?: PostReply): void => {
        clearTimeout(timer);
        if (this.unanswered.get(post.id)?.settle === settle) this.unanswered.delete(post.id);
        resolve(reply);
      };
      const timer = setTimeout(settle, timeoutMs);
      this.submit({ post, settle });
    });
  }

  /** Sends every unanswered post in the same order as before, and some old ones. Call it on a new connection. */
  again(): void {
    this.clearTimers();
    for (const { post } of this.unanswered.values()) this.transmit(post);
    this.repeatSome(3);
  }

  /** Sends again some posts that were already answered. */
  repeatSome(count: number): void {
    for (let left = Math.min(count, this.answered.length); left > 0; left -= 1)
      this.post(this.random.pick(this.answered));
  }

  /** Sends every unanswered post, and some answered ones, over HTTP to all of these servers at once. */
  async storm(urls: readonly string[], key: string): Promise<void> {
    const old =
      this.answered.length === 0 ? [] : Array.from({ length: 3 }, () => this.random.pick(this.answered));
    const posts = [...[...this.unanswered.values()].map(({ post }) => post), ...old];
    await Promise.all(urls.flatMap((url) => posts.map((post) => this.postAside(url, key, post))));
  }

  private async postAside(url: string, key: string, post: Post): Promise<void> {
    const sentAt = Date.now();
    const sending = (this.sendings += 1);
    this.record({ type: 'posting', sending, ...post, aside: true });
    const posted = await postByHttp(url, key, post);
    if (!posted) return;
    const { id, channel, seq, at, duplicate = false } = posted;
    this.record({ type: 'answered', sending, id, channel, seq, at: Date.parse(at), duplicate, sentAt });
  }

  clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private submit(unanswered: Unanswered): void {
    this.unanswered.set(unanswered.post.id, unanswered);
    this.transmit(unanswered.post);
  }

  private transmit(post: Post): void {
    const sentAt = Date.now();
    const sending = this.sendings + 1;
    const isSent = this.send(post, (reply) => {
      const waiting = this.unanswered.get(post.id);
      if (reply.ok) this.settle(post, reply, { sending, sentAt });
      else this.refused(post, reply.error, sending);
      waiting?.settle?.(reply);
    });
    if (!isSent) return;
    this.sendings = sending;
    this.record({ type: 'posting', sending, ...post });
  }

  private settle(
    post: Post,
    { id, channel, seq, at, ...posted }: Posted,
    sent: { sending: number; sentAt: number },
  ): void {
    const duplicate = posted.duplicate ?? false;
    this.record({ type: 'answered', id, channel, seq, at: Date.parse(at), duplicate, ...sent });
    if (!this.unanswered.delete(post.id)) return;
    this.answered.push(post);
    if (this.random.chance(REPEATED)) this.post(post);
  }

  private refused(post: Post, { code, retryable, retryAfterMs = 200 }: WireError, sending: number): void {
    if (!retryable) {
      this.unanswered.delete(post.id);
      this.record({ type: 'offended', by: `post ${post.id}: ${code}` });
      return;
    }
    this.record({ type: 'put-off', sending, id: post.id, code });
    if (this.unanswered.get(post.id)?.settle) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.transmit(post);
    }, retryAfterMs);
    this.timers.add(timer);
  }
}
