import { decideBatch } from '#libs/domain/conversation/conversation.batch.js';
import type { Verdict } from '#libs/domain/conversation/conversation.batch.js';
import { eventOf, requireSame } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationCommand, Gone, Known } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { Rejection } from '#libs/domain/rejection.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { acceptedKey } from '#libs/delivery/accepted-window.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { conversationEventOf } from '#libs/delivery/message-encoding.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Outcome, StreamRules } from '#libs/event-store/stream-writer/stream-rules.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import { Authorship } from './authorship.js';
import { ChannelEcho } from './channel-echo.js';
import type { Earlier, EarlierMessages, Place } from './earlier-messages.js';
import { messageEvent } from './message-event.js';
import type { Posted } from './posted.js';
import type { Targets } from './targets.js';

/** The objects that the rules of all channels of a gateway share. */
export type RulesSupport = Readonly<{
  store: Pick<EventStore, 'readStream' | 'setAside'>;
  feeds: ChannelFeeds;
  window: AcceptedWindow;
  earlier: EarlierMessages;
  /** The name of this run of the process in the events that it writes. */
  instance: string;
  /**
   * Resolves once the window has received all messages that exist at the time of the call.
   *
   * @throws StoreUnavailable
   */
  untilLevel: () => Promise<void>;
  clock?: Clock;
}>;

/**
 * Turns requests to one channel into events, so that each is accepted once and in order. The check and the append are
 * one step, because the append names the revision that the check has seen.
 */
export class ConversationRules implements StreamRules<ConversationCommand, Posted> {
  private head: number | undefined;
  /** Messages that are on disk, as far as this writer knows, but have not passed through the window yet. */
  private readonly recent = new Map<string, Place>();
  private readonly store: Pick<EventStore, 'readStream' | 'setAside'>;
  private readonly feeds: ChannelFeeds;
  private readonly window: AcceptedWindow;
  private readonly earlier: EarlierMessages;
  private readonly instance: string;
  private readonly echo: ChannelEcho;
  private readonly authorship: Authorship;

  constructor(
    private readonly channel: string,
    private readonly targets: Targets,
    gateway: RulesSupport,
  ) {
    ({ store: this.store, feeds: this.feeds, window: this.window, earlier: this.earlier } = gateway);
    this.instance = gateway.instance;
    const { store, feeds, window, untilLevel, clock = SYSTEM_CLOCK } = gateway;
    this.echo = new ChannelEcho(channel, store, feeds, window, untilLevel, clock);
    this.authorship = new Authorship(channel, store, window, this.instance, (seq) =>
      this.echo.untilInLog(seq),
    );
  }

  revision(): number | 'no_stream' {
    return this.head === undefined || this.head < 0 ? 'no_stream' : this.head;
  }

  /**
   * @throws StoreUnavailable
   * @throws RequestError `channel_damaged` when the stream holds an event that cannot be decoded
   */
  async catchUp(): Promise<void> {
    await this.feeds.open(this.channel);
    this.feeds.requireWhole(this.channel);
    if (this.head === undefined) await this.readTail();
    else await this.readOn(this.head + 1);
  }

  decide(
    commands: readonly ConversationCommand[],
    uncertain: ReadonlySet<ConversationCommand>,
  ): Outcome<Posted>[] | Promise<Outcome<Posted>[]> {
    this.forgetSeen();
    const earlier = this.earlier.find(commands, this.recent);
    if (earlier instanceof Promise) return earlier.then((found) => this.outcomes(commands, found, uncertain));
    const onlyNewPosts =
      earlier.every((one) => one === 'none') && commands.every(({ type }) => type === 'PostMessage');
    return onlyNewPosts
      ? commands.map((command) => this.append(eventOf(command), command))
      : this.outcomes(commands, earlier, uncertain);
  }

  async accepted(
    commands: readonly ConversationCommand[],
    firstRevision: number,
  ): Promise<(Posted | Error)[]> {
    commands.forEach((command, index) => {
      const { channel, bot, id } = command;
      this.recent.set(acceptedKey(bot, id), { channel, seq: firstRevision + index });
    });
    this.head = firstRevision + commands.length - 1;
    const times = await this.echo.timesFrom(
      firstRevision,
      commands.map(({ bot, id }) => acceptedKey(bot, id)),
    );
    const others = await this.authorship.othersAt(commands, firstRevision);
    return commands.map((command, index) => {
      const { id, channel } = command;
      const answer: Posted = { id, channel, seq: firstRevision + index, at: times[index]! };
      const other = others.get(answer.seq);
      return other ? repeatOf(other, command, answer) : answer;
    });
  }

  private append(event: ConversationEvent, { via }: ConversationCommand): Outcome<Posted> {
    return { kind: 'append', event: messageEvent(event, this.instance, via) };
  }

  private async outcomes(
    commands: readonly ConversationCommand[],
    earlier: readonly Earlier[],
    uncertain: ReadonlySet<ConversationCommand>,
  ): Promise<Outcome<Posted>[]> {
    const verdicts = decideBatch(commands, await this.known(commands, earlier));
    return Promise.all(
      commands.map((command, index) =>
        this.outcome(command, verdicts[index]!, earlier[index]!, uncertain.has(command)),
      ),
    );
  }

  private async known(
    commands: readonly ConversationCommand[],
    earlier: readonly Earlier[],
  ): Promise<(Known | Error)[]> {
    // A redaction counts once its event has been read. Only then is it certain what is stored at the place that was
    // written.
    if (commands.some(({ type }) => type !== 'PostMessage')) await this.echo.feedUpTo(this.head ?? -1);
    const [events, targets] = await Promise.all([
      Promise.all(earlier.map(async (one) => (isPlace(one) ? this.eventAt(one) : undefined))),
      this.targets.find(commands, this.recent),
    ]);
    return commands.map((_command, index) => {
      const [one, target] = [earlier[index], targets[index]];
      if (one instanceof Error) return one;
      if (events[index] === undefined && target instanceof Error) return target;
      return { earlier: events[index], target: target instanceof Error ? undefined : target };
    });
  }

  private async eventAt(place: Place): Promise<Known['earlier']> {
    const found = await this.earlier.read(place);
    return found === 'gone' ? { type: 'gone', channel: place.channel } : found.event;
  }

  private async outcome(
    command: ConversationCommand,
    verdict: Verdict,
    earlier: Earlier,
    uncertain: boolean,
  ): Promise<Outcome<Posted>> {
    const { id, channel, bot } = command;
    if (verdict instanceof Error) return { kind: 'refuse', error: verdict };
    const [event] = verdict;
    if (event !== undefined || !isPlace(earlier)) return this.append(event!, command);
    const at = await this.echo.timeOf(earlier, acceptedKey(bot, id));
    const answer: Posted = { id, channel, seq: earlier.seq, at };
    // The append of this command was never answered. It may have failed, and another gateway may have written the same
    // id first.
    const own = uncertain && !(await this.authorship.othersAt([command], earlier.seq)).has(earlier.seq);
    return { kind: 'answer', answer: own ? answer : { ...answer, duplicate: true } };
  }

  /** Reads backwards from the end to the first message that has passed through the window. */
  private async readTail(): Promise<void> {
    let head: number | undefined;
    let first = Infinity;
    let isJoined = false;
    // The store reads page by page, so it may report the last revision as of a later moment than the newest event that
    // it sent.
    const onLastRevision = (revision: number): void => void (head ??= revision);
    const options = { direction: 'backwards', onLastRevision } as const;
    for await (const event of this.store.readStream(messagesStream(this.channel), options)) {
      head ??= event.revision;
      first = event.revision;
      if (this.isSetAside(event)) continue;
      const said = conversationEventOf(event);
      isJoined = this.window.find(keyOf(said)) !== undefined || this.window.hasPassed(event.at.getTime());
      if (isJoined) break;
      this.remember(said, event);
    }
    if (!isJoined && head !== undefined && first > 0) await this.echo.untilInLog(Math.min(first - 1, head));
    this.head = head ?? -1;
  }

  private async readOn(from: number): Promise<void> {
    let head = from - 1;
    let read = 0;
    const onLastRevision = (revision: number): void => void (head = Math.max(head, revision));
    for await (const event of this.store.readStream(messagesStream(this.channel), { from, onLastRevision })) {
      if (!this.isSetAside(event)) this.remember(conversationEventOf(event), event);
      head = Math.max(head, event.revision);
      read += 1;
    }
    if (head - from + 1 > read) await this.echo.untilInLog(head);
    this.head = head;
  }

  /** Returns whether an event was set aside. Such an event takes up its place in the channel, but no message id. */
  private isSetAside(event: RecordedEvent): boolean {
    return event.unreadable !== undefined && !isDamage(event, this.store.setAside);
  }

  private remember(event: ConversationEvent, { revision: seq, at }: RecordedEvent): void {
    this.recent.set(keyOf(event), { channel: this.channel, seq, at: at.getTime() });
    if (event.type === 'MessageRedacted') this.feeds.redact(this.channel, event.data.bot, event.data.target);
  }

  /**
   * Forgets the messages that have passed through the window. It stops at the first one that has not, however many
   * follow, because it runs before every append.
   */
  private forgetSeen(): void {
    for (const [key, { seq }] of this.recent) {
      if (!this.window.hasTaken(this.channel, seq)) return;
      this.recent.delete(key);
    }
  }
}

const isPlace = (earlier: Earlier): earlier is Place => earlier !== 'none' && !(earlier instanceof Error);

const keyOf = ({ data }: ConversationEvent): string => acceptedKey(data.bot, data.id);

/**
 * Returns the answer to a command whose place holds another gateway's event: a repeat if the content is the same,
 * otherwise a rejection.
 */
const repeatOf = (
  other: ConversationEvent | Gone,
  command: ConversationCommand,
  answer: Posted,
): Posted | Rejection => {
  try {
    requireSame(eventOf(command), other);
    return { ...answer, duplicate: true };
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
};
