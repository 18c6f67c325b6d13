import type { Allowance } from '../limits/allowances.js';
import type { TurnShare } from '../limits/loop-turns.js';
import { Boundary } from '../faults/boundary.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection, Frame } from './engine-connection.js';
import { HeldFrames } from './held-frames.js';
import { HEARTBEAT_COST, intakeCost } from './intake-costs.js';
import { answerRefused } from './answer-refused.js';
import { answerPacket, readPacketHead } from './packet-head.js';
import { bytesOf, isRequest, packetIn } from './frames/spoiled-frame.js';
import { INTAKE_LIMITS } from './intake-limits.js';
import type { IntakeLimits, IntakeShares } from './intake-limits.js';
import { IntakePatience } from './intake-patience.js';
import type { PacketHead } from './packet-head.js';
import type { Sender } from './sender.js';
import { SocketSendBuffer, waitingIn } from './send-buffer.js';
import { SYSTEM_CLOCK, type Cancel } from '#libs/time/clock.js';

const INTAKE = new Boundary('sockets.intake');

/** The longest time before a held connection is checked again, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * Stands between a connection and the parser of its packets. Charges each packet before it is parsed. A packet that
 * exceeds the allowance, or would be one request too many at once, waits here in order. Further packets wait in the
 * network, because the socket is not read. A sender that stays above its allowance is dismissed. Waiting packets are
 * let through over several turns of the event loop.
 */
export class Intake {
  /** Frames that are not charged yet, because the sender is above its allowance or has no turn. */
  private readonly uncounted = new HeldFrames();
  /** Frames that are charged and admitted, and wait until earlier requests are answered. */
  private readonly ready = new HeldFrames();
  private readonly senders = new Map<string, Sender>();
  private buffer: SocketSendBuffer | undefined;
  private cancelLook: Cancel | undefined;
  private underWay = 0;
  private skipped = 0;
  private isPaused = false;
  private isAwaitingRoom = false;
  private isInLine = false;
  /** Whether the intake has ended and takes nothing any more. */
  isEnded = false;
  /** Whether somebody was ever let in on this connection, even if all have left since. */
  wasLetIn = false;
  private whenOpen: (() => void) | undefined;
  /** `onFirst` is called when somebody is let in and nobody else is there, `onLast` when the last one has left. */
  onFirst: () => void = () => undefined;
  onLast: () => void = () => undefined;

  /**
   * @param stranger the allowance of the connection while nobody is let in
   * @param connects the allowance of handshakes
   */
  constructor(
    private readonly connection: EngineConnection,
    private readonly deliver: (frame: Frame) => void,
    private readonly stranger: Allowance,
    private readonly connects: Allowance,
    private readonly shares: IntakeShares,
    private readonly limits: IntakeLimits = INTAKE_LIMITS,
    private readonly patience = new IntakePatience(limits),
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

  /** Does nothing if another sender has taken this one's place. */
  leave(namespace: string, sender: Sender): void {
    if (this.senders.get(namespace) !== sender) return;
    this.senders.delete(namespace);
    if (!this.hasSender && !this.isEnded) this.onLast();
  }

  receive(frame: Frame): void {
    if (this.isEnded) return;
    if (this.uncounted.isEmpty && this.allowance.untilSolvent() === 0 && this.hasTurn()) {
      this.chargeFrame(frame);
      this.pauseIfFull();
      return;
    }
    const isFirst = this.uncounted.isEmpty;
    this.uncounted.push(frame);
    this.pauseIfFull();
    if (isFirst) this.passOn();
  }

  /** Charges a heartbeat that arrived, whether it was asked for or not. */
  heartbeat(): void {
    this.allowance.charge(HEARTBEAT_COST);
    if (this.allowance.untilSolvent() === 0) return;
    this.pause();
    this.passOn();
  }

  /** Call it when a request that was let through has been answered. */
  answered(): void {
    this.underWay = Math.max(0, this.underWay - 1);
    if (!this.ready.isEmpty) this.passOn();
  }

  /**
   * Calls back when the connection may be read.
   * @returns false if another caller waits already, which no well-behaved client causes
   */
  callWhenReadable(call: () => void): boolean {
    if (!this.isPaused) {
      call();
      return true;
    }
    if (this.whenOpen) return false;
    this.whenOpen = call;
    return true;
  }

  /** Call it when the transport has changed. */
  upgraded(): void {
    if (this.isPaused) this.connection.transport.socket?.pause();
  }

  /** Tells everybody who was let in on the connection why it is about to end. */
  explain(message: string): void {
    const notice = JSON.stringify(['notice', { code: 'protocol_error', message }]);
    for (const namespace of this.senders.keys()) this.connection.write(`2${namespace},${notice}`);
  }

  /**
   * Stops taking anything. A caller of {@link callWhenReadable} that still waits is called, so that it does not get in the way
   * of the end.
   */
  end(): void {
    this.isEnded = true;
    this.uncounted.clear();
    this.ready.clear();
    this.cancelLook?.();
    this.isPaused = false;
    this.callWhoWaits();
  }

  private get allowance(): Allowance {
    for (const { allowance } of this.senders.values()) return allowance;
    return this.stranger;
  }

  private get share(): TurnShare {
    return this.hasSender ? this.shares.sender : this.shares.stranger;
  }

  /**
   * Returns whether a frame may be handled in this turn. Once somebody is let in, the frame has taken its share
   * already, when it was read.
   */
  private hasTurn(): boolean {
    return this.hasSender || this.share.take();
  }

  private get heldBytes(): number {
    return this.uncounted.bytes + this.ready.bytes;
  }

  private passOn(): void {
    if (this.isEnded) return;
    this.cancelLook?.();
    while (!this.ready.isEmpty && !this.isBusy()) {
      if (!this.share.take()) return this.standInLine();
      this.deliverFrame(this.ready.shift());
    }
    while (!this.uncounted.isEmpty && this.allowance.untilSolvent() === 0) {
      if (!this.share.take()) return this.standInLine();
      this.chargeFrame(this.uncounted.shift());
      if (this.isEnded) return;
    }
    const wait = this.allowance.untilSolvent();
    if (wait > 0) this.waitForAllowance(wait);
    else if (2 * this.heldBytes < this.limits.held) this.open();
    else this.lookAgain(LOOK_MS);
  }

  /** Waits for a later turn of the event loop to pass on the rest. */
  private standInLine(): void {
    if (this.isInLine) return;
    this.isInLine = true;
    const goOn = (): void => {
      this.isInLine = false;
      this.passOn();
    };
    this.share.wait(goOn, () => this.cutConnection());
  }

  private waitForAllowance(wait: number): void {
    const patience = this.patience.leftMs(this.connection.transport.name, performance.now());
    if (patience <= 0) this.dismiss();
    else this.lookAgain(Math.min(LOOK_MS, patience, Math.max(this.limits.pauseMs, wait)));
  }

  /**
   * Checks again later. While the connection is not read, its pong can't be seen, so the timeout for the pong is
   * extended.
   */
  private lookAgain(afterMs: number): void {
    if (this.isPaused) this.connection.pingTimeoutTimer?.refresh();
    const look = INTAKE.guard(this.passOn.bind(this), this.cutConnection.bind(this));
    this.cancelLook = SYSTEM_CLOCK.after(afterMs, look);
  }

  /** Returns whether answers have to go out before another request is let through. */
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

  /** Charges a frame by the head of its packet, and lets it through unless it is refused. */
  private chargeFrame(frame: Frame): void {
    const packet = packetIn(frame);
    if (packet === undefined) {
      this.allowance.charge(intakeCost('other', bytesOf(frame)));
      if (this.skipped > 0) this.skipped -= 1;
      else this.letThrough(frame);
      return;
    }
    const head = readPacketHead(packet);
    this.allowance.charge(intakeCost(head.kind, bytesOf(frame)));
    if (head.kind === 'connect' && this.connects.takeTokens(1) > 0) this.cutConnection();
    else if (this.isAdmitted(head, packet)) this.letThrough(frame);
  }

  private letThrough(frame: Frame): void {
    if (this.ready.isEmpty && !this.isBusy()) this.deliverFrame(frame);
    else this.ready.push(frame);
  }

  private deliverFrame(frame: Frame): void {
    if (isRequest(frame)) this.underWay += 1;
    this.deliver(frame);
  }

  private isAdmitted(head: PacketHead, packet: string): boolean {
    const sender = head.kind === 'event' ? this.senders.get(head.namespace) : undefined;
    const refusal = sender?.refusalOf(head.event, packet.length);
    if (!refusal) return true;
    this.skipped = head.attachments ?? 0;
    const answer = (reply: object): void => this.connection.write(answerPacket(head, reply));
    if (head.id !== undefined) answerRefused(sender!, { event: head.event, packet, refusal }, answer, INTAKE);
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
    this.callWhoWaits();
  }

  private callWhoWaits(): void {
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

  private cutConnection(): void {
    this.end();
    endConnection(this.connection);
  }
}
