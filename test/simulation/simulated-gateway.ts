import { ChannelAccess } from '#apps/gateway/src/access/channel-access.js';
import { Arrivals } from '#apps/gateway/src/door/arrivals.js';
import { channelRoom } from '#apps/gateway/src/socket/bot-socket.js';
import { Connect } from '#apps/gateway/src/door/connect.js';
import { CursorKeepers } from '#apps/gateway/src/cursors/cursor-keepers.js';
import { DeliveryPace } from '#apps/gateway/src/delivery/delivery-pace.js';
import { Sessions } from '#apps/gateway/src/sessions/sessions.js';
import type { Session } from '#apps/gateway/src/sessions/session.js';
import { MessageFollower } from '#apps/gateway/src/follow-log/message-follower.js';
import { ConversationWriters } from '#apps/gateway/src/sending/conversation-writers.js';
import { EarlierMessages } from '#apps/gateway/src/sending/earlier-messages.js';
import { PostsInFlight } from '#apps/gateway/src/sending/posts-in-flight.js';
import { AcceptedWindow, WINDOW_LIMITS } from '#libs/delivery/accepted-window.js';
import type { WindowLimits } from '#libs/delivery/accepted-window.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { isMessage } from '#libs/delivery/place.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { DirectoryKeys } from '#libs/directory/directory-keys.js';
import type { DirectoryTails } from '#libs/directory/directory-tails.js';
import type { Directory } from '#libs/directory/directory.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { toRequestError } from '#libs/platform/errors/to-request-error.js';
import { LIMITS } from '#libs/protocol/limits.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';
import type { Message } from '#libs/protocol/message.js';
import type { Random } from '#tools/harness/random.js';
import { ProcessClock } from './simulated-clock.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { Frame, Rooms, SimulatedConnection } from './simulated-connection.js';
import type { SimulatedLog } from './simulated-log.js';
import type { SimulatedReadModel } from './simulated-read-model.js';
import { StoreLink } from './store-link.js';

const TOLD = { ...LIMITS, requestsPerSecond: 200, requestsAtOnce: 400, consumers: 64 };

export type Post = Readonly<{ id: string; channel: string; body: string }>;

export type GatewaySupport = Readonly<{
  world: SimulatedClock;
  log: SimulatedLog;
  readModel: SimulatedReadModel;
  random: Random;
  channels: readonly string[];
  smallWindow: boolean;
}>;

/** Histories are short. Limits that normally hold hundreds of messages hold a few here, so that they overflow. */
const SMALL_BATCH = { messages: 4, weight: 10_000, window: 2 };
const SMALL_FEED = { tail: 2, ring: { messages: 2, weight: 10_000 }, weight: 900 };
const SMALL_WINDOW: WindowLimits = { minEntries: 4, maxEntries: 12, minAgeMs: 1 };

/**
 * One run of a gateway, from its start to its death: the real writers, rules, window, feeds, sessions and cursors, with
 * a simulated link to the store and simulated sockets.
 */
export class SimulatedGateway {
  readonly link: StoreLink;
  readonly clock: ProcessClock;
  isReady = false;
  private readonly connect: Connect;
  private readonly sessions = new Sessions();
  private readonly keepers: CursorKeepers;
  private readonly feeds: ChannelFeeds;
  private readonly writers: ConversationWriters;
  private readonly inFlight = new PostsInFlight();
  private readonly rooms = new Map<string, Set<SimulatedConnection>>();
  private readonly connections = new Set<SimulatedConnection>();

  constructor(
    readonly instance: string,
    { world, log, readModel, random, channels, smallWindow }: GatewaySupport,
  ) {
    const clock = new ProcessClock(world);
    this.clock = clock;
    this.link = new StoreLink(log, world, clock, random);
    const pace = new DeliveryPace({ clock, lookEvery: 1, batch: SMALL_BATCH });
    const redactions = new Redactions();
    const window = new AcceptedWindow(smallWindow ? SMALL_WINDOW : WINDOW_LIMITS);
    this.feeds = new ChannelFeeds(
      this.link,
      {
        takePlace: (place) => {
          if (isMessage(place)) this.broadcast(place);
          pace.noteBroadcast(place.channel);
        },
        takeGap: (gap) =>
          this.sendToRoom(gap.channel, { event: 'truncated', payload: { ...gap, reason: 'retention' } }),
      },
      redactions,
      SMALL_FEED,
    );
    this.keepers = new CursorKeepers(this.link, instance, clock);
    const directory = everyoneIn(channels);
    const access = new ChannelAccess(directory, NO_TAILS);
    this.connect = new Connect(
      new DirectoryKeys(directory, NO_TAILS),
      directory,
      access,
      this.feeds,
      this.keepers,
      pace,
      new Arrivals({ consumers: Infinity }, { rate: 1e9, burst: 1e9 }),
    );
    this.writers = new ConversationWriters({
      store: this.link,
      feeds: this.feeds,
      window,
      earlier: new EarlierMessages(window, readModel, this.link),
      budget: new WritingBudget(undefined, clock),
      instance,
      untilLevel: () => this.link.level(),
      redactions,
      membersOf: () => [],
      clock,
      random: () => random.next(),
    });
    void this.start(new MessageFollower(this.link, window, this.feeds, instance));
  }

  get socketRooms(): Rooms {
    return {
      join: (room, socket) => void this.room(room).add(socket),
      leave: (room, socket) => void this.room(room).delete(socket),
    };
  }

  /** Ends the gateway as SIGKILL does. */
  kill(): void {
    this.clock.end();
    this.link.end();
    for (const connection of this.connections) connection.serverDied();
  }

  /** Lets a client connect. */
  connected(connection: SimulatedConnection, auth: object, afterMs: number): void {
    this.connections.add(connection);
    this.clock.after(afterMs, () => void this.admit(connection, auth));
  }

  private async admit(connection: SimulatedConnection, auth: object): Promise<void> {
    try {
      const { session, starts } = await this.connect.admit(auth, '');
      if (!connection.isOpenAtServer) {
        await this.keepers.release(session.bot, session.consumer);
        return;
      }
      this.serve(connection, session);
      this.sessions.addSession(session)?.supersede();
      session.beginSession(connection.socket, starts, { limits: TOLD }, connection);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) {
        const { code } = toRequestError(error);
        if (code === 'internal_error') throw error;
        connection.send({ event: 'refused', payload: code });
      }
      connection.socket.disconnect(true);
    }
  }

  private async start(follower: MessageFollower): Promise<void> {
    for (;;) {
      try {
        await follower.follow(this.link);
        this.isReady = true;
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await new Promise<void>((resolve) => this.clock.after(100, resolve));
      }
    }
  }

  private serve(connection: SimulatedConnection, session: Session): void {
    connection.server = {
      request: (name, payload, reply) => void this.answer(session, name, payload).then(reply),
      closed: () => {
        this.connections.delete(connection);
        for (const members of this.rooms.values()) members.delete(connection);
        session.endSession();
        this.sessions.remove(session);
        void this.keepers.release(session.bot, session.consumer);
      },
    };
  }

  private async answer(session: Session, name: string, payload: unknown): Promise<object> {
    try {
      if (name === 'post') return { ok: true, ...(await this.post(session.bot, payload as Post)) };
      for (const [channel, seq] of Object.entries(payload as CursorMap)) {
        await this.feeds.openAt(channel, seq);
        session.cursors.advance(channel, seq);
      }
      await session.cursors.stored();
      return { ok: true };
    } catch (error) {
      return { ok: false, error: toRequestError(error).toWire() };
    }
  }

  private post(bot: string, post: Post): ReturnType<PostsInFlight['submit']> {
    const command = { type: 'PostMessage', bot, ...post } as const;
    return this.inFlight.submit(command, () => this.writers.writerOf(post.channel).submit(command));
  }

  private broadcast(message: Message): void {
    this.sendToRoom(message.channel, { event: 'message', payload: message });
  }

  private sendToRoom(channel: string, frame: Frame): void {
    for (const connection of this.room(channelRoom(channel))) connection.send(frame);
  }

  private room(name: string): Set<SimulatedConnection> {
    const room = this.rooms.get(name) ?? new Set();
    this.rooms.set(name, room);
    return room;
  }
}

/** Returns a directory in which every bot is a member of every channel from the start, and its name is its key. */
const everyoneIn = (channels: readonly string[]): Directory => {
  const state = { status: 'open', members: { has: () => true, get: () => -1 } };
  const directory = {
    authenticate: (key: string) => ({ role: 'bot', bot: key, keyId: 'key' }),
    channelsOf: () => channels,
    channel: () => state,
    damageOf: () => undefined,
    onChange: () => undefined,
  };
  return directory as unknown as Directory;
};

const NO_TAILS = {} as DirectoryTails;
