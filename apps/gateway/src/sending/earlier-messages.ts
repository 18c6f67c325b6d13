import { Inject, Injectable } from '@nestjs/common';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { AcceptedWindow, acceptedKey } from '#libs/delivery/accepted-window.js';
import { conversationEventOf } from '#libs/delivery/message-encoding.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { AcceptedLookup } from '#libs/projections/accepted-lookup.js';
import type { MessageGap } from '#libs/projections/accepted-lookup.js';
import { NotOfThisLog } from '#libs/projections/vouched-read-models.js';
import { RequestError } from '#libs/protocol/errors.js';
import { LostMessages } from './lost-messages.js';

/** A message id and the bot that chose it. */
type Pair = Readonly<{ bot: string; id: string }>;

/**
 * The place of an accepted message. `at` is when the store recorded it, in milliseconds since 1970, if that is known.
 */
export type Place = Readonly<{ channel: string; seq: number; at?: number }>;

/**
 * Looks up ids that are older than the window. `reflects` is the log position up to which the answer is complete,
 * except for the gaps.
 */
export type OldIds = Readonly<{
  find(
    pairs: readonly Pair[],
  ): Promise<
    Readonly<{ found: ReadonlyMap<string, Place>; gaps: readonly MessageGap[]; reflects: LogPosition }>
  >;
}>;

/** What a bot's id already stands for: a place in the log, nothing, or an error if that cannot be decided now. */
export type Earlier = Place | 'none' | RequestError;

/**
 * Finds out which ids were accepted before. It looks in the window, and in the read model for ids that the window does
 * not cover.
 */
@Injectable()
export class EarlierMessages {
  private readonly lost: LostMessages;

  constructor(
    private readonly window: AcceptedWindow,
    @Inject(AcceptedLookup) private readonly oldIds: OldIds,
    @Inject(EventStore) private readonly store: Pick<EventStore, 'readStream'>,
  ) {
    this.lost = new LostMessages(store);
  }

  /**
   * Returns what each pair stands for. It answers at once, without a promise, unless an id is too old for the window.
   */
  find(pairs: readonly Pair[], recent: ReadonlyMap<string, Place>): Earlier[] | Promise<Earlier[]> {
    const earlier = pairs.map(({ bot, id }) => {
      const key = acceptedKey(bot, id);
      return this.window.find(key) ?? recent.get(key) ?? (this.window.covers(id) ? 'none' : 'unsure');
    });
    return earlier.includes('unsure') ? this.lookUp(pairs, earlier) : (earlier as Earlier[]);
  }

  /** Returns whether the window holds this id. It is for callers that must not cause a read. */
  isRemembered(bot: string, id: string): boolean {
    return this.window.find(acceptedKey(bot, id)) !== undefined;
  }

  /**
   * Returns the event at a place, to compare its content, and when the store recorded it (ISO 8601, UTC). Returns
   * `gone` if retention has removed it since.
   *
   * @throws StoreUnavailable
   * @throws Error for a place that its stream never had
   */
  async read({ channel, seq }: Place): Promise<Readonly<{ event: ConversationEvent; at: string }> | 'gone'> {
    let last = -1;
    const options = { from: seq, limit: 1, onLastRevision: (revision: number) => void (last = revision) };
    for await (const recorded of this.store.readStream(messagesStream(channel), options)) {
      last = recorded.revision;
      if (last === seq) return { event: conversationEventOf(recorded), at: recorded.at.toISOString() };
    }
    if (last >= seq) return 'gone';
    throw new Error(`Message ${seq} of channel ${channel} was accepted but is not in its stream`);
  }

  private async lookUp(pairs: readonly Pair[], earlier: readonly (Earlier | 'unsure')[]): Promise<Earlier[]> {
    const unsure = pairs.filter((_pair, index) => earlier[index] === 'unsure');
    const looked = await this.lookUpOldIds(unsure);
    return earlier.map((one, index) => {
      if (one !== 'unsure') return one;
      if (looked instanceof RequestError) return looked;
      const { bot, id } = pairs[index]!;
      return looked.get(acceptedKey(bot, id)) ?? 'none';
    });
  }

  /** Returns what each of these ids stands for. An id without an entry was never accepted. */
  private async lookUpOldIds(pairs: readonly Pair[]): Promise<ReadonlyMap<string, Earlier> | RequestError> {
    try {
      const { found, gaps, reflects } = await this.oldIds.find(pairs.map(({ bot, id }) => ({ bot, id })));
      if (!this.window.joinsOnto(reflects)) return cannotTell('the read model is catching up');
      return await this.withLost(pairs, found, gaps);
    } catch (error) {
      if (error instanceof NotOfThisLog) return cannotTell('the read model is being rebuilt');
      if (error instanceof StoreUnavailable) return cannotTell('the event store is away');
      return cannotTell('the read model is away');
    }
  }

  /** Adds an error for each id that may belong to a message that nobody knows any more. */
  private async withLost(
    pairs: readonly Pair[],
    found: ReadonlyMap<string, Place>,
    gaps: readonly MessageGap[],
  ): Promise<ReadonlyMap<string, Earlier>> {
    const earlier = new Map<string, Earlier>(found);
    for (const { bot, id } of pairs) {
      const key = acceptedKey(bot, id);
      if (!earlier.has(key) && (await this.lost.mayBeOf(id, gaps)))
        earlier.set(
          key,
          cannotTell('messages were removed from the log before the read model had seen them'),
        );
    }
    return earlier;
  }
}

const cannotTell = (why: string): RequestError =>
  new RequestError(
    'read_model_unavailable',
    `Whether this old id was used before can't be told now (${why}); try again, or use a new UUIDv7`,
    1_000,
  );
