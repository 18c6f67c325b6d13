import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { Via } from '#libs/domain/event.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { CursorKeeper } from '../cursors/cursor-keeper.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Token } from '#libs/platform/access/caller.js';
import { REPLACED, cutConnection, endNamespace } from '#libs/platform/sockets/newest-socket.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { ToldAuditLog } from '#libs/protocol/audit-log.js';
import type { ToldLimits } from '#libs/protocol/limits.js';
import type { Handshake } from '#libs/protocol/requests/handshake.js';
import { applyBounds } from '../delivery/backlog-bounds.js';
import { ChannelDelivery, ROOM } from '../delivery/channel-delivery.js';
import type { Outlet } from '../delivery/channel-delivery.js';
import type { BotSocket } from '../socket/bot-socket.js';
import { RequestsUnderWay } from './requests-under-way.js';
import type { DeliveryPace } from '../delivery/delivery-pace.js';
import { SocketSendBuffer } from '#libs/platform/sockets/send-buffer.js';
import type { SendBuffer } from '#libs/platform/sockets/send-buffer.js';
import { SaidBefore } from './said-before.js';
import type { NoticeCode } from '../socket/wire-events.js';
import { endsWithin } from '#libs/time/deadline.js';

const DELIVERY = new Boundary('bots.delivery');

/**
 * Milliseconds that requests in progress may take once the connection is to end. Some wait for the bot to read, and one
 * slow bot must not hold up the stop.
 */
const ANSWER_MS = 2_500;

/** Where delivery of one channel starts, and whether the bot named that place itself (`said`). */
export type Start = Readonly<{ channel: string; cursor: number; head: number; said: boolean }>;

/** The names in presence for those of Socket.IO's reasons that say more than that the connection was lost. */
const REASONS: Readonly<Record<string, string>> = {
  'client namespace disconnect': 'left',
  'ping timeout': 'timed_out',
  'server shutting down': 'server_stopping',
  [REPLACED]: 'superseded',
};

/** One connection of a consumer. It delivers the channels to the bot and keeps track of how far the bot has come. */
export class Session {
  /** For each channel, its delivery, or a symbol for the attempt to start one. */
  private readonly deliveries = new Map<string, ChannelDelivery | symbol>();
  /** Channels with a join in progress. Created when first needed. */
  private joining: Set<string> | undefined;
  private socket: BotSocket | undefined;
  private outlet: Outlet | undefined;
  private ended = false;
  private leaving: RequestError | undefined;
  readonly requests = new RequestsUnderWay();
  readonly said = new SaidBefore();
  private dismissal: NoticeCode | undefined;
  private way: Via | undefined;

  constructor(
    readonly bot: string,
    readonly keyId: string,
    readonly consumer: string,
    readonly cursors: CursorKeeper,
    private readonly bounds: Handshake['backlog'],
    private readonly feeds: ChannelFeeds,
    private readonly pace: DeliveryPace,
    /** The token of an identity provider, if the bot did not come with a key. */
    readonly token?: Token,
  ) {}

  /** Sends `ready`, then starts the delivery of the bot's channels. */
  beginSession(
    socket: BotSocket,
    starts: readonly Start[],
    { limits, auditLog }: Readonly<{ limits: ToldLimits; auditLog?: ToldAuditLog | undefined }>,
    buffer: SendBuffer = new SocketSendBuffer(socket),
  ): void {
    this.socket = socket;
    this.outlet = { socket, buffer, cursors: this.cursors, fail: () => this.fail() };
    this.cursors.takeOver(starts.filter(({ said }) => said));
    const channels = starts.map(({ channel, cursor, head }) => ({ channel, cursor, head }));
    const hello = { bot: this.bot, connection: socket.id, version: 'v1', channels, limits } as const;
    socket.emit('ready', auditLog ? { ...hello, auditLog } : hello);
    for (const { channel, cursor } of starts) this.deliver(channel, cursor);
  }

  /** Resolves when the bot has read most of what it was sent. Never resolves after the connection has ended. */
  waitForRoom(): Promise<void> {
    return new Promise((resolve) => this.outlet?.buffer.whenBelow(ROOM, resolve));
  }

  /** The id of this connection, unique for ever. It exists only once the session has begun. */
  get connection(): string {
    return this.socket!.id;
  }

  /** How the requests of this connection came, for the events that they cause. */
  get via(): Via {
    return (this.way ??= { keyId: this.keyId, connection: this.connection });
  }

  /** Returns the channels that are being delivered now. */
  delivering(): readonly string[] {
    return [...this.deliveries.keys()];
  }

  isDelivering(channel: string): boolean {
    return this.deliveries.has(channel);
  }

  /**
   * Starts the delivery of a channel after a cursor, or restarts it there. Each channel has at most one delivery at a
   * time.
   */
  deliver(channel: string, cursor: number): void {
    this.undeliver(channel);
    const attempt = Symbol(channel);
    this.deliveries.set(channel, attempt);
    // If the store becomes unreachable at this moment, the connection is closed without a notice. The client gets the
    // backlog when it reconnects.
    const start = (): Promise<void> =>
      this.start(channel, cursor, attempt).catch((error: unknown) => this.notStarted(channel, error));
    DELIVERY.run(start, () => this.fail());
  }

  /** Stops the delivery of a channel. */
  undeliver(channel: string): void {
    const delivery = this.deliveries.get(channel);
    if (delivery instanceof ChannelDelivery) delivery.stopDelivery();
    this.deliveries.delete(channel);
  }

  /** Notes that a join is being answered. Delivery starts after the answer, so that no message comes before it. */
  beginJoin(channel: string): void {
    this.joining = (this.joining ?? new Set()).add(channel);
  }

  endJoin(channel: string): void {
    this.joining?.delete(channel);
  }

  isJoining(channel: string): boolean {
    return this.joining?.has(channel) ?? false;
  }

  /**
   * Checks that this connection still takes requests.
   *
   * @throws RequestError the reason why it does not
   */
  requireOpen(): void {
    if (this.leaving) throw this.leaving;
  }

  /**
   * Checks that the connection has not ended. A request may take so long that the connection is gone by then, and it
   * must not take effect any more.
   *
   * @throws RequestError `superseded`
   */
  requireConnected(): void {
    if (this.ended) throw new RequestError('superseded', 'This connection has ended');
  }

  /**
   * Takes no more requests, waits until those in progress are answered, and closes the connection. The client
   * reconnects by itself, to another gateway if need be.
   */
  async sendAway(reason: RequestError): Promise<void> {
    this.leaving = reason;
    this.socket?.emit('notice', { code: 'server_stopping', message: reason.message });
    await endsWithin(ANSWER_MS, this.requests.answered());
    this.cutConnection();
  }

  /** Closes the connection as a network failure would: clients reconnect by themselves and catch up. */
  cutConnection(): void {
    this.socket?.data.writeHeld?.();
    if (this.socket) cutConnection(this.socket);
  }

  /**
   * Closes the connection after a fault of ours, because its state is no longer known. The client is told, reconnects
   * and catches up.
   */
  fail(): void {
    const message = 'The server made a mistake and ends this connection; come back, nothing is lost';
    this.socket?.emit('notice', { code: 'internal_error', message });
    this.cutConnection();
  }

  /** Sends a notice about one channel. */
  notify(code: NoticeCode, message: string, channel: string): void {
    this.socket?.emit('notice', { code, message, channel });
  }

  /** Ends the session, but not the other uses of its connection. After this, a client does not reconnect by itself. */
  dismiss(code: NoticeCode, message: string): void {
    if (this.ended || !this.socket) return;
    this.dismissal ??= code;
    this.socket.emit('notice', { code, message });
    endNamespace(this.socket);
  }

  /** Ends the session because a newer connection of this consumer has taken over, here or at another gateway. */
  supersede(): void {
    this.dismiss('superseded', 'A newer connection of this consumer took over');
  }

  /**
   * Tells the bot that this session has replaced an earlier one on the same connection. The earlier one cannot be told
   * on its own.
   */
  tellReplaced(): void {
    const message = 'This connection asked for /bots more than once: only this session counts';
    this.socket?.emit('notice', { code: 'connected_again', message });
  }

  /** Returns why the session ended, as presence names it, from Socket.IO's reason. */
  reasonOfEnd(reason: string): string {
    return this.dismissal ?? this.leaving?.code ?? REASONS[reason] ?? 'connection_lost';
  }

  endSession(): void {
    this.ended = true;
    for (const delivery of this.deliveries.values())
      if (delivery instanceof ChannelDelivery) delivery.stopDelivery();
    this.deliveries.clear();
  }

  /**
   * Handles a delivery that could not start. A channel that has stopped must not cost the connection its other
   * channels.
   */
  private notStarted(channel: string, error: unknown): void {
    if (error instanceof RequestError && error.code === 'channel_damaged') this.undeliver(channel);
    else if (error instanceof StoreUnavailable) this.cutConnection();
    else throw error;
  }

  private async start(channel: string, cursor: number, attempt: symbol): Promise<void> {
    const feed = await this.feeds.open(channel);
    const after = await applyBounds(this.feeds, feed, cursor, this.bounds, this.pace.clock.now());
    const { outlet } = this;
    if (this.ended || !outlet || this.deliveries.get(channel) !== attempt) return;
    if (after.skipped) outlet.socket.emit('skipped', { channel, ...after.skipped });
    const delivery = new ChannelDelivery(outlet, feed, this.feeds, this.pace, after.cursor);
    this.deliveries.set(channel, delivery);
    delivery.startDelivery();
  }
}
