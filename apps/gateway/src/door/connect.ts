import { Inject, Injectable } from '@nestjs/common';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { CursorKeeper } from '../cursors/cursor-keeper.js';
import { Directory } from '#libs/directory/directory.js';
import { channelStream } from '#libs/domain/stream-names.js';
import { isOpenTo } from '#libs/platform/access/access-matrix.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { RequestError } from '#libs/protocol/errors.js';
import { parseHandshake } from '#libs/protocol/requests/handshake.js';
import type { Handshake } from '#libs/protocol/requests/handshake.js';
import { ChannelAccess } from '../access/channel-access.js';
import { Arrivals } from './arrivals.js';
import { CursorKeepers } from '../cursors/cursor-keepers.js';
import { DeliveryPace } from '../delivery/delivery-pace.js';
import { Session } from '../sessions/session.js';
import type { Start } from '../sessions/session.js';
import { saidFor, startingPoint } from '../cursors/starting-points.js';

/** A session that is ready to begin, and where each of its channels starts. */
export type Admission = Readonly<{ session: Session; starts: readonly Start[] }>;

/** Lets a bot in or refuses it. Key, consumer, cursors and starting points are settled before the bot is connected. */
@Injectable()
export class Connect {
  constructor(
    @Inject(AUTHENTICATOR) private readonly keys: Authenticator,
    private readonly directory: Directory,
    private readonly access: ChannelAccess,
    private readonly feeds: ChannelFeeds,
    private readonly keepers: CursorKeepers,
    private readonly pace: DeliveryPace,
    private readonly arrivals: Arrivals,
  ) {}

  /**
   * Authenticates a bot and prepares its session.
   *
   * @param auth what the client sent with its connection
   * @param from the client's address or, for IPv6, its network
   * @throws RequestError when the bot is refused
   * @throws StoreUnavailable when this cannot be decided now
   */
  async admit(auth: unknown, from: string): Promise<Admission> {
    const handshake = parseHandshake(auth);
    const { key } = handshake;
    const caller = this.keys.authenticate(key) ?? (await this.keys.authenticateNew?.(key, from));
    if (!caller) throw new RequestError('unauthenticated', 'This key is not known, or was revoked');
    if (caller.role !== 'bot' || !isOpenTo(caller.role, 'CONNECT /bots')) {
      throw new RequestError('forbidden', `Namespace /bots is for bots; this is an ${caller.role}'s key`);
    }
    const { bot, keyId, token } = caller;
    const { consumer, resume, backlog } = handshake;
    if (typeof resume === 'object')
      for (const channel of Object.keys(resume)) await this.access.requireNewMember(channel, bot);
    await this.arrivals.admit(bot, consumer);
    const cursors = await this.keepers.acquire(bot, consumer);
    try {
      const starts = await this.starts(bot, handshake, cursors);
      const session = new Session(bot, keyId, consumer, cursors, backlog, this.feeds, this.pace, token);
      return { session, starts };
    } catch (error) {
      await this.keepers.release(bot, consumer);
      throw error;
    }
  }

  private starts(bot: string, { resume }: Handshake, cursors: CursorKeeper): Promise<Start[]> {
    return Promise.all(
      this.usableChannelsOf(bot).map(async (channel) => {
        const said = saidFor(channel, resume);
        const { head } = await this.feeds.openAt(channel, said ?? cursors.get(channel) ?? -1);
        const memberSince = this.access.requireMember(channel, bot).members.get(bot) ?? head;
        cursors.noteMembership(channel, memberSince);
        const stored = cursors.get(channel);
        const cursor = startingPoint(resume, { channel, head, stored, memberSince });
        return { channel, head, cursor, said: resume === 'now' || said !== undefined };
      }),
    );
  }

  /**
   * Returns the bot's channels without those that are closed until an admin decides about them. These must not cost the
   * bot the others.
   */
  private usableChannelsOf(bot: string): readonly string[] {
    return this.directory
      .channelsOf(bot)
      .filter((channel) => this.directory.damageOf(channelStream(channel)) === undefined);
  }
}
