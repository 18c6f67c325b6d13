import type { Allowance } from '../limits/allowances.js';
import type { TurnShare } from '../limits/loop-turns.js';
import { Boundary } from '../faults/boundary.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection, Frame } from './engine-connection.js';
import { HeldFrames } from './held-frames.js';
import { HEARTBEAT_COST, intakeCost } from './intake-costs.js';
import { answerPacket, readPacketHead } from './packet-head.js';
import { packetIn, spoiledIn } from './frames/spoiled-frame.js';
import { INTAKE_LIMITS } from './intake-limits.js';
import type { IntakeLimits } from './intake-limits.js';
import type { PacketHead } from './packet-head.js';
import type { Sender } from './sender.js';
import { SocketSendBuffer, waitingIn } from './send-buffer.js';

const INTAKE = new Boundary('sockets.intake');

/** How much of a connection is begun in one turn of the event loop, before and after somebody was let in on it. */
export type IntakeShares = Readonly<{ stranger: TurnShare; sender: TurnShare }>;

/** A connection that is not read is looked at again after so many milliseconds at the latest. */
const LOOK_MS = 1_000;

/**
 * Stands between a connection and what parses its packets. Each packet is counted before it is parsed; what can't be
 * paid for, or would be one request too many at once, waits here in order, and then in the network, for the socket is
 * not read. Whoever goes on like that is dismissed. What has waited is let through in several turns of the event loop.
 */
export class Intake {
  /** Not counted yet, for the sender is beyond what it may send. */
  private readonly uncounted = new HeldFrames();
  /** Counted and let through, waiting for requests to be answered. */
  private readonly ready = new HeldFrames();
  private readonly senders = new Map<string, Sender>();
  private buffer: SocketSendBuffer | undefined;
  private wake: NodeJS.Timeout | undefined;
  private over = { since: -Infinity, last: -Infinity };
  private underWay = 0;
  private skipped = 0;
  private isPaused = false;
  private isAwaitingRoom = false;
  private isInLine = false;
  /** Nothing is taken any more. */
  isEnded = false;
  /** Somebody was let in here, who may have left again. */
  wasLetIn = false;
  private whenOpen: (() => void) | undefined;
  /** Called when somebody was let in, and when the last of them has left. */
  onFirst: () => void = () => undefined;
  onLast: () => void = () => undefined;

  /** @param stranger what may be sent before anybody is let in, in all */
  constructor(
    private readonly connection: EngineConnection,
    private readonly deliver: (frame: Frame) => void,
    private readonly stranger: Allowance,
    private readonly connects: Allowance,
    private readonly shares: IntakeShares,
    private readonly limits: IntakeLimits = INTAKE_LIMITS,
  ) {}

  get hasSender(): boolean {
    return this.senders.size > 0;
  }

  enter(namespace: string, sender: Sender): void {
    const isFirst = !this.hasSender;
    this.wasLetIn = true;
    this.senders.set(namespace, sender);
    if (isFirst) this.onFirst();
  }

  /** Nothing happens where another one has taken its place. */
  leave(namespace: string, sender: Sender): void {
    if (this.senders.get(namespace) !== sender) return;
    this.senders.delete(namespace);
    if (!this.hasSender && !this.isEnded) this.onLast();
  }

  receive(frame: Frame): void {
    if (this.isEnded) return;
    if (this.uncounted.isEmpty && this.allowance.untilSolvent() === 0 && this.hasTurn()) {
      this.count(frame);
      this.pauseIfFull();
      return;
    }
    const isFirst = this.uncounted.isEmpty;
    this.uncounted.push(frame);
    this.pauseIfFull();
    if (isFirst) this.passOn();
  }

  /** A heartbeat that came, asked for or not. */
  heartbeat(): void {
    this.allowance.charge(HEARTBEAT_COST);
    if (this.allowance.untilSolvent() === 0) return;
    this.pause();
    this.passOn();
  }

  /** To be told when a request that was let through has been answered. */
  answered(): void {
    this.underWay = Math.max(0, this.underWay - 1);
    if (!this.ready.isEmpty) this.passOn();
  }

  /** Calls when the connection may be read. @returns false if somebody waits already, which no client of one mind does */
  onceOpen(call: () => void): boolean {
    if (!this.isPaused) {
      call();
      return true;
    }
    if (this.whenOpen) return false;
    this.whenOpen = call;
    return true;
  }

  /** The transport has changed. */
  upgraded(): void {
    if (this.isPaused) this.connection.transport.socket?.pause();
  }

  /** Says why the connection is about to end, to whoever was let in on it. */
  explain(message: string): void {
    const notice = JSON.stringify(['notice', { code: 'protocol_error', message }]);
    for (const namespace of this.senders.keys()) this.connection.write(`2${namespace},${notice}`);
  }

  /** Nothing is taken any more; who waits to be read is read, so that it is not in the way of the end. */
  end(): void {
    this.isEnded = true;
    this.uncounted.clear();
    this.ready.clear();
    clearTimeout(this.wake);
    this.isPaused = false;
    const { whenOpen } = this;
    this.whenOpen = undefined;
    whenOpen?.();
  }

  private get allowance(): Allowance {
    for (const { allowance } of this.senders.values()) return allowance;
    return this.stranger;
  }

  private get share(): TurnShare {
    return this.hasSender ? this.shares.sender : this.shares.stranger;
  }

  /** What comes of somebody who was let in has taken its part already, where it was read. */
  private hasTurn(): boolean {
    return this.hasSender || this.share.take();
  }

  private get heldBytes(): number {
    return this.uncounted.bytes + this.ready.bytes;
  }

  private passOn(): void {
    if (this.isEnded) return;
    clearTimeout(this.wake);
    while (!this.ready.isEmpty && !this.isBusy()) {
      if (!this.share.take()) return this.standInLine();
      this.hand(this.ready.shift());
    }
    while (!this.uncounted.isEmpty && this.allowance.untilSolvent() === 0) {
      if (!this.share.take()) return this.standInLine();
      this.count(this.uncounted.shift());
      if (this.isEnded) return;
    }
    const wait = this.allowance.untilSolvent();
    if (wait > 0) this.waitForAllowance(wait);
    else if (2 * this.heldBytes < this.limits.held) this.open();
    else this.lookAgain(LOOK_MS);
  }

  /** To be called on with the rest in a turn to come. */
  private standInLine(): void {
    if (this.isInLine) return;
    this.isInLine = true;
    const goOn = (): void => {
      this.isInLine = false;
      this.passOn();
    };
    this.share.wait(goOn, () => this.cut());
  }

  private waitForAllowance(wait: number): void {
    const now = performance.now();
    const since = now - this.over.last > this.limits.calmMs ? now : this.over.since;
    this.over = { since, last: now };
    const { patienceMs } = this.limits;
    const isPolled = this.connection.transport.name === 'polling';
    const patience = (isPolled ? patienceMs.polling : patienceMs.websocket) - (now - since);
    if (patience <= 0) this.dismiss();
    else this.lookAgain(Math.min(LOOK_MS, patience, Math.max(this.limits.pauseMs, wait)));
  }

  /** Whoever is not read meanwhile can't be heard: that no pong comes is not its fault. */
  private lookAgain(afterMs: number): void {
    if (this.isPaused) this.connection.pingTimeoutTimer?.refresh();
    this.wake = setTimeout(
      INTAKE.guard(
        () => this.passOn(),
        () => this.cut(),
      ),
      afterMs,
    );
  }

  /** Whether an answer must go before another request is let through. */
  private isBusy(): boolean {
    if (this.underWay >= this.limits.requests) return true;
    if (waitingIn(this.connection) <= this.limits.unread.most) return false;
    if (!this.isAwaitingRoom) {
      this.isAwaitingRoom = true;
      this.buffer ??= new SocketSendBuffer({ conn: this.connection });
      this.buffer.whenBelow(this.limits.unread.goOn, () => {
        this.isAwaitingRoom = false;
        this.passOn();
      });
    }
    return true;
  }

  /** Counts it by its head, and has it wait for its turn unless it is refused. */
  private count(frame: Frame): void {
    const packet = packetIn(frame);
    const bytes = spoiledIn(frame)?.bytes ?? frame.length;
    if (packet === undefined) {
      this.allowance.charge(intakeCost('other', bytes));
      if (this.skipped > 0) this.skipped -= 1;
      else this.letThrough(frame);
      return;
    }
    const head = readPacketHead(packet);
    this.allowance.charge(intakeCost(head.kind, bytes));
    if (head.kind === 'connect' && this.connects.takeTokens(1) > 0) this.cut();
    else if (this.isAdmitted(head, packet)) this.letThrough(frame);
  }

  private letThrough(frame: Frame): void {
    if (this.ready.isEmpty && !this.isBusy()) this.hand(frame);
    else this.ready.push(frame);
  }

  private hand(frame: Frame): void {
    if (isRequest(frame)) this.underWay += 1;
    this.deliver(frame);
  }

  private isAdmitted(head: PacketHead, packet: string): boolean {
    const sender = head.kind === 'event' ? this.senders.get(head.namespace) : undefined;
    const refusal = sender?.refusalOf(head.event, packet.length);
    if (!refusal) return true;
    this.skipped = head.attachments ?? 0;
    if (head.id === undefined) return false;
    const refuse = (): void =>
      this.connection.write(answerPacket(head, { ok: false, error: refusal.toWire() }));
    const earlier = sender?.earlierAnswerTo?.(head.event, packet, refusal);
    if (!earlier) refuse();
    else
      INTAKE.run(() =>
        earlier.then((answer) => this.connection.write(answerPacket(head, { ok: true, ...answer })), refuse),
      );
    return false;
  }

  private pauseIfFull(): void {
    if (this.heldBytes > this.limits.held) this.pause();
  }

  private pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.connection.transport.socket?.pause();
  }

  private open(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.connection.transport.socket?.resume();
    const { whenOpen } = this;
    this.whenOpen = undefined;
    whenOpen?.();
  }

  private dismiss(): void {
    const senders = [...this.senders.values()];
    this.end();
    for (const sender of senders) sender.dismiss();
    endConnection(this.connection, false);
  }

  private cut(): void {
    this.end();
    endConnection(this.connection);
  }
}

/** Events, also those with attachments (Socket.IO protocol, revision 5). */
const isRequest = (frame: Frame): boolean => /^[25]/.test(packetIn(frame) ?? '');
