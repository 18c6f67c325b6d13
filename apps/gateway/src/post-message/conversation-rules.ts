import { decidePost } from '#libs/domain/conversation/conversation.decider.js';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { conversationEventOf } from '#libs/delivery/message-encoding.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Outcome, StreamRules } from '#libs/event-store/stream-writer/stream-rules.js';
import type { Earlier, EarlierMessages, Place } from './earlier-messages.js';
import { messageEvent } from './message-event.js';
import type { Posted } from './posted.js';

/** How long an acknowledgement waits for the log to bring the message back before reading it itself. */
const ECHO_MS = 1_000;

/**
 * Accepted once, in order: the rules by which posts to one channel become events. Check and append are one step,
 * because the append names the revision that the check has seen.
 */
export class ConversationRules implements StreamRules<PostMessage, Posted> {
  private head: number | undefined;
  /** On disk, as far as this writer knows, but not yet through the window. */
  private readonly recent = new Map<string, Place>();

  constructor(
    private readonly channel: string,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly feeds: ChannelFeeds,
    private readonly window: AcceptedWindow,
    private readonly earlier: EarlierMessages,
    private readonly instance: string,
  ) {}

  revision(): number | 'no_stream' {
    return this.head === undefined || this.head < 0 ? 'no_stream' : this.head;
  }

  async catchUp(): Promise<void> {
    await this.feeds.open(this.channel);
    if (this.head === undefined) await this.readTail();
    else await this.readOn(this.head + 1);
  }

  decide(
    posts: readonly PostMessage[],
    uncertain: ReadonlySet<PostMessage>,
  ): Outcome<Posted>[] | Promise<Outcome<Posted>[]> {
    this.forgetSeen();
    const earlier = this.earlier.find(posts, this.recent);
    if (earlier instanceof Promise) return earlier.then((found) => this.outcomes(posts, found, uncertain));
    return earlier.every((one) => one === 'none')
      ? posts.map((post) => this.append(post))
      : this.outcomes(posts, earlier, uncertain);
  }

  async accepted(posts: readonly PostMessage[], firstRevision: number): Promise<Posted[]> {
    posts.forEach((post, index) => {
      this.recent.set(acceptedKey(post.bot, post.id), { channel: this.channel, seq: firstRevision + index });
    });
    this.head = firstRevision + posts.length - 1;
    const times = await this.recordedTimes(firstRevision, this.head);
    return posts.map(({ bot, id, channel }, index) => {
      const answer: Posted = { id, channel, seq: firstRevision + index, at: times[index]! };
      // The store takes the same events at the same revision for a repeat of one append: the first one may have been
      // another gateway's.
      const theirs = this.window.find(acceptedKey(bot, id))?.ours === false;
      return theirs ? { ...answer, duplicate: true } : answer;
    });
  }

  private append(post: PostMessage): Outcome<Posted> {
    return { kind: 'append', event: messageEvent(decidePost(post, undefined)[0]!, this.instance) };
  }

  private outcomes(
    posts: readonly PostMessage[],
    earlier: readonly Earlier[],
    uncertain: ReadonlySet<PostMessage>,
  ): Promise<Outcome<Posted>[]> {
    return Promise.all(posts.map((post, index) => this.outcome(post, earlier[index]!, uncertain.has(post))));
  }

  private async outcome(post: PostMessage, earlier: Earlier, own: boolean): Promise<Outcome<Posted>> {
    if (earlier === 'none') return this.append(post);
    if (earlier instanceof RequestError) return { kind: 'refuse', error: earlier };
    const event = await this.earlier.eventAt(earlier);
    try {
      decidePost(post, event);
    } catch (error) {
      return { kind: 'refuse', error: error as Error };
    }
    const [at] = await this.recordedTimes(earlier.seq, earlier.seq);
    const answer: Posted = { id: post.id, channel: post.channel, seq: earlier.seq, at: at! };
    return { kind: 'answer', answer: own ? answer : { ...answer, duplicate: true } };
  }

  /** When the store recorded these messages: it says so only when they are read. */
  private async recordedTimes(first: number, last: number): Promise<string[]> {
    const feed = await this.feeds.open(this.channel);
    if (feed.head < last) {
      const timeout = new AbortController();
      const late = setTimeout(() => timeout.abort(), ECHO_MS);
      await Promise.race([feed.reached(last), aborted(timeout.signal)]);
      clearTimeout(late);
      if (feed.head < last) await this.feeds.catchUp(this.channel);
    }
    const inRing = Array.from({ length: last - first + 1 }, (_, index) => feed.ring.get(first + index)?.at);
    if (inRing.every((at) => at !== undefined)) return inRing;
    const messages = await this.feeds.readAfter(this.channel, first - 1, last - first + 1);
    return messages.map(({ at }) => at);
  }

  /** Reads back from the end to the first message that has gone through the window. */
  private async readTail(): Promise<void> {
    let head = -1;
    for await (const event of this.store.readStream(messagesStream(this.channel), {
      direction: 'backwards',
    })) {
      head = Math.max(head, event.revision);
      if (this.window.find(keyOf(event)) || this.window.hasPassed(event.at.getTime())) break;
      this.remember(event);
    }
    this.head = head;
  }

  private async readOn(from: number): Promise<void> {
    for await (const event of this.store.readStream(messagesStream(this.channel), { from })) {
      this.remember(event);
      this.head = event.revision;
    }
  }

  private remember(event: RecordedEvent): void {
    this.recent.set(keyOf(event), { channel: this.channel, seq: event.revision });
  }

  private forgetSeen(): void {
    for (const key of this.recent.keys()) if (this.window.find(key)) this.recent.delete(key);
  }
}

const keyOf = (event: RecordedEvent): string => {
  const { bot, id } = conversationEventOf(event).data;
  return acceptedKey(bot, id);
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
