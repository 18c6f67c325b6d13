import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { CursorKeeper } from '../cursors/cursor-keeper.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Token } from '#libs/platform/access/caller.js';
import { REPLACED, cutConnection, endNamespace } from '#libs/platform/sockets/newest-socket.js';
import { RequestError } from '#libs/protocol/errors.js';
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

const DELIVERY = new Boundary('bots.delivery');

/**
 * How long requests under way may take once the connection is to end, in milliseconds. Some wait for the peer to read, and
 * one that stands still must not hold up the stop.
 */
const ANSWER_MS = 2_500;

/** Where delivery of one channel starts, and whether the bot said so itself. */
export type Start = Readonly<{ channel: string; cursor: number; head: number; said: boolean }>;

/** Socket.IO's reasons that say more than that the connection was lost, as presence names them. */
const REASONS: Readonly<Record<string, string>> = {
  'client namespace disconnect': 'left',
  'ping timeout': 'timed_out',
  'server shutting down': 'server_stopping',
  [REPLACED]: 'superseded',
};

/** One connection of a consumer: what it is sent and how far it has come. */
export class Session {
  /** By channel: what delivers it, or the attempt to begin that. */
  private readonly deliveries = new Map<string, ChannelDelivery | symbol>();
  /** Made when first needed. */
  private joining: Set<string> | undefined;
  private socket: BotSocket | undefined;
  private outlet: Outlet | undefined;
  private ended = false;
  private leaving: RequestError | undefined;
  readonly requests = new RequestsUnderWay();
  readonly said = new SaidBefore();
  private dismissal: NoticeCode | undefined;

  constructor(
    readonly bot: string,
    readonly keyId: string,
    readonly consumer: string,
    readonly cursors: CursorKeeper,
    private readonly bounds: Handshake['backlog'],
    private readonly feeds: ChannelFeeds,
    private readonly pace: DeliveryPace,
    /** Of an identity provider, where it was no key that let the bot in. */
    readonly token?: Token,
  ) {}

  /** Says hello, then brings the connection level with its channels. */
  beginSession(
    socket: BotSocket,
    starts: readonly Start[],
    limits: ToldLimits,
    buffer: SendBuffer = new SocketSendBuffer(socket),
  ): void {
    this.socket = socket;
    this.outlet = { socket, buffer, cursors: this.cursors, fail: () => this.fail() };
    this.cursors.takeOver(starts.filter(({ said }) => said));
    const channels = starts.map(({ channel, cursor, head }) => ({ channel, cursor, head }));
    socket.emit('ready', { bot: this.bot, connection: socket.id, version: 'v1', channels, limits });
    for (const { channel, cursor } of starts) this.deliver(channel, cursor);
  }

  /** Resolves when what it was sent has been read for the most part; never after its end. */
  room(): Promise<void> {
    return new Promise((resolve) => this.outlet?.buffer.whenBelow(ROOM, resolve));
  }

  /** Names this connection, now and for ever. Only once it has begun. */
  get connection(): string {
    return this.socket!.id;
  }

  /** The channels that are delivered, as of now. */
  delivering(): readonly string[] {
    return [...this.deliveries.keys()];
  }

  isDelivering(channel: string): boolean {
    return this.deliveries.has(channel);
  }

  /** Starts a channel after a cursor, or anew from there; at most one delivery a channel is under way. */
  deliver(channel: string, cursor: number): void {
    this.undeliver(channel);
    const attempt = Symbol(channel);
    this.deliveries.set(channel, attempt);
    // A client that comes back starts level; if the store went away at this very moment, there is nothing to say.
    const start = (): Promise<void> =>
      this.start(channel, cursor, attempt).catch((error: unknown) => this.notStarted(channel, error));
    DELIVERY.run(start, () => this.fail());
  }

  undeliver(channel: string): void {
    const delivery = this.deliveries.get(channel);
    if (delivery instanceof ChannelDelivery) delivery.stopDelivery();
    this.deliveries.delete(channel);
  }

  /** A join is being answered: delivery starts after the answer, not in the middle of it. */
  beginJoin(channel: string): void {
    this.joining = (this.joining ?? new Set()).add(channel);
  }

  endJoin(channel: string): void {
    this.joining?.delete(channel);
  }

  isJoining(channel: string): boolean {
    return this.joining?.has(channel) ?? false;
  }

  /** @throws RequestError the reason for which this connection takes no more requests */
  requireOpen(): void {
    if (this.leaving) throw this.leaving;
  }

  /** What was asked for may take so long that the connection is gone by then: its word counts no more. @throws RequestError */
  requireConnected(): void {
    if (this.ended) throw new RequestError('superseded', 'This connection has ended');
  }

  /** Takes no more requests, answers those it has, and cuts: the client comes back by itself, elsewhere if need be. */
  async sendAway(reason: RequestError): Promise<void> {
    this.leaving = reason;
    this.socket?.emit('notice', { code: 'server_stopping', message: reason.message });
    const patience = new AbortController();
    await Promise.race([this.requests.answered(), pause(ANSWER_MS, undefined, { signal: patience.signal })]);
    patience.abort();
    this.cutConnection();
  }

  /** Cuts the connection as a network would: clients come back by themselves and start level. */
  cutConnection(): void {
    if (this.socket) cutConnection(this.socket);
  }

  /** A fault of ours has left it as nobody knows: said, then cut, so that the client comes back and starts level. */
  fail(): void {
    const message = 'The server made a mistake and ends this connection; come back, nothing is lost';
    this.socket?.emit('notice', { code: 'internal_error', message });
    this.cutConnection();
  }

  /** Says something about one channel. */
  notify(code: NoticeCode, message: string, channel: string): void {
    this.socket?.emit('notice', { code, message, channel });
  }

  /** Ends the session, not what else uses its connection; a client does not come back by itself after that. */
  dismiss(code: NoticeCode, message: string): void {
    if (this.ended || !this.socket) return;
    this.dismissal ??= code;
    this.socket.emit('notice', { code, message });
    endNamespace(this.socket);
  }

  /** A newer connection of this consumer took over, here or on another gateway. */
  supersede(): void {
    this.dismiss('superseded', 'A newer connection of this consumer took over');
  }

  /** An earlier one on the same connection was: nobody else could be told. */
  tellReplaced(): void {
    const message = 'This connection asked for /bots more than once: only this session counts';
    this.socket?.emit('notice', { code: 'connected_again', message });
  }

  /** Why it ended, as presence names it, given Socket.IO's reason. */
  reasonOfEnd(reason: string): string {
    return this.dismissal ?? this.leaving?.code ?? REASONS[reason] ?? 'connection_lost';
  }

  endSession(): void {
    this.ended = true;
    for (const delivery of this.deliveries.values())
      if (delivery instanceof ChannelDelivery) delivery.stopDelivery();
    this.deliveries.clear();
  }

  /** A channel that is stopped costs the connection none of the others. */
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
    delivery.start();
  }
}
