import type { ConversationCommand, Target } from '#libs/domain/conversation/conversation.decider.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { isMessage } from '#libs/delivery/place.js';
import type { Redactions } from '#libs/delivery/redactions.js';
import type { Message } from '#libs/protocol/message.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Earlier, EarlierMessages, Place } from './earlier-messages.js';

type Pair = Readonly<{ bot: string; id: string }>;

const TYPES: Readonly<Record<Message['kind'], ConversationEvent['type']>> = {
  posted: 'MessagePosted',
  edited: 'MessageEdited',
  redacted: 'MessageRedacted',
};

/** Finds the messages that edits and redactions name: the bot's own message with that id, else another member's. */
export class Targets {
  constructor(
    private readonly channel: string,
    private readonly feeds: ChannelFeeds,
    private readonly earlier: EarlierMessages,
    private readonly redactions: Redactions,
    private readonly membersOf: (channel: string) => readonly string[],
  ) {}

  /**
   * Returns one result for each command: undefined if it names no existing message, an error if that cannot be decided
   * now.
   */
  async find(
    commands: readonly ConversationCommand[],
    recent: ReadonlyMap<string, Place>,
  ): Promise<(Target | RequestError | undefined)[]> {
    const pairs = commands.flatMap((command) =>
      command.type === 'PostMessage' ? [] : [{ bot: command.bot, id: command.target }],
    );
    if (pairs.length === 0) return commands.map(() => undefined);
    const places = await this.earlier.find(pairs, recent);
    const targets = await Promise.all(
      pairs.map((pair, index) => this.targetAt(pair, places[index]!, recent)),
    );
    return commands.map((command) => (command.type === 'PostMessage' ? undefined : targets.shift()));
  }

  private async targetAt(
    { bot, id }: Pair,
    place: Earlier,
    recent: ReadonlyMap<string, Place>,
  ): Promise<Target | RequestError | undefined> {
    if (place instanceof RequestError) return place;
    if (place === 'none' || place.channel !== this.channel)
      return this.targetOfOtherMember({ bot, id }, recent);
    return { bot, type: await this.typeAt(place), redacted: this.redactions.has(this.channel, bot, id) };
  }

  /** Finds another member's message. Only needed to answer "not yours" instead of "not there". */
  private async targetOfOtherMember(
    { bot, id }: Pair,
    recent: ReadonlyMap<string, Place>,
  ): Promise<Target | undefined> {
    const others = this.membersOf(this.channel).filter((member) => member !== bot);
    const places = await this.earlier.find(
      others.map((other) => ({ bot: other, id })),
      recent,
    );
    const author = others.find((_other, index) => {
      const place = places[index]!;
      return place !== 'none' && !(place instanceof RequestError) && place.channel === this.channel;
    });
    return author === undefined ? undefined : { bot: author, type: 'MessagePosted', redacted: false };
  }

  private async typeAt(place: Place): Promise<ConversationEvent['type']> {
    const inRing = this.feeds.find(this.channel)?.ring.get(place.seq);
    if (inRing && isMessage(inRing)) return TYPES[inRing.kind];
    const found = await this.earlier.read(place);
    // A message that retention has hidden may still be shown by read models, so it can be edited and redacted as
    // before.
    return found === 'gone' ? 'MessagePosted' : found.event.type;
  }
}
