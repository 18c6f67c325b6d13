import { isMessage } from '#libs/delivery/place.js';
import type { Place } from '#libs/delivery/place.js';
import type { Message } from '#libs/protocol/message.js';
import { catchUp, resumeAfter } from '#libs/delivery/catch-up.js';
import type { CatchUp, CatchUpAction, CatchUpInput, Step } from '#libs/delivery/catch-up.js';
import { MessageRing } from '#libs/delivery/message-ring.js';

export const LIMITS = { messages: 3, weight: 1_000_000, window: 2 };

export const message = (seq: number): Message => ({
  id: `id-${seq}`,
  channel: 'ops',
  seq,
  kind: 'posted',
  bot: 'alice',
  body: `body ${seq}`,
  at: '2026-01-01T00:00:00.000Z',
});

export const setAsidePlace = (seq: number): Place => ({
  kind: 'set_aside',
  channel: 'ops',
  seq,
  at: '2026-01-01T00:00:00.000Z',
});

/** What a bot was given: a message, or a notice of messages that are gone or set aside. */
export type Given = Readonly<{ from: number; to: number; truncated?: true; setAside?: true }>;

/** Models a channel's stream on disk. Retention may remove its oldest messages. */
export class StreamModel {
  readonly messages: Place[] = [];
  kept = 0;

  post(): void {
    this.messages.push(message(this.messages.length));
  }

  /** Appends an event that nobody understood and that an admin set aside before any gateway reached it. */
  setAside(): void {
    this.messages.push(setAsidePlace(this.messages.length));
  }

  truncate(count: number): void {
    this.kept = Math.min(this.kept + count, this.messages.length);
  }

  after(seq: number): Place[] {
    return this.messages.slice(Math.max(seq + 1, this.kept)).slice(0, LIMITS.messages);
  }
}

/**
 * Models one gateway with one connection. It follows the stream at its own pace. Each input of the state machine is a
 * separate step, so that a property can put anything in between.
 */
export class GatewayModel {
  readonly given: Given[] = [];
  maxUnacknowledged = 0;
  private ring: MessageRing;
  private state: CatchUp | undefined;
  private asked: 'turn' | { after: number } | undefined;
  private unacknowledged = 0;

  constructor(
    private readonly stream: StreamModel,
    private readonly ringSize: number,
  ) {
    this.ring = this.freshRing();
  }

  get live(): boolean {
    return this.state?.phase === 'live';
  }

  get head(): number {
    return this.ring.head;
  }

  /** Takes the next message from the log, if there is one. */
  follow(): void {
    const next = this.stream.messages[this.ring.head + 1];
    if (next === undefined) return;
    this.ring.push(next);
    if (this.live) this.give({ from: next.seq, to: next.seq, ...(!isMessage(next) && { setAside: true }) });
  }

  /** Empties the ring, as happens when other channels need the memory. */
  forget(): void {
    this.ring.clear();
  }

  connect(after: number): void {
    this.disconnect();
    this.carryOut(resumeAfter(after, this.ring, LIMITS));
  }

  disconnect(): void {
    this.state = undefined;
    this.asked = undefined;
    this.unacknowledged = 0;
  }

  /** Restarts the process. Afterwards it knows nothing but the stream. */
  restart(): void {
    this.disconnect();
    this.ring = this.freshRing();
  }

  acknowledge(): void {
    if (this.unacknowledged === 0) return;
    this.unacknowledged -= 1;
    this.feedIn({ type: 'acknowledged' });
  }

  takeTurn(): void {
    if (this.asked !== 'turn') return;
    this.asked = undefined;
    this.feedIn({ type: 'turn' });
  }

  finishRead(): void {
    if (typeof this.asked !== 'object') return;
    const places = this.stream.after(this.asked.after);
    this.asked = undefined;
    this.feedIn({ type: 'read', places });
  }

  overflow(): void {
    this.feedIn({ type: 'overflow' });
  }

  private freshRing(): MessageRing {
    return new MessageRing(this.stream.messages.length - 1, {
      messages: this.ringSize,
      weight: 1_000_000,
    });
  }

  private feedIn(input: CatchUpInput): void {
    if (this.state) this.carryOut(catchUp(this.state, input, this.ring, LIMITS));
  }

  private carryOut({ state, actions }: Step): void {
    this.state = state;
    for (const action of actions) this.act(action);
  }

  private act(action: CatchUpAction): void {
    switch (action.type) {
      case 'ask-turn':
        this.asked = 'turn';
        return;
      case 'read':
        this.asked = { after: action.after };
        return;
      case 'truncated':
        this.give({ from: action.from, to: action.to, truncated: true });
        return;
      case 'skip':
        this.give({ from: action.from, to: action.to, setAside: true });
        return;
      case 'send':
        this.unacknowledged += 1;
        this.maxUnacknowledged = Math.max(this.maxUnacknowledged, this.unacknowledged);
        for (const { seq } of action.messages) this.give({ from: seq, to: seq });
    }
  }

  private give(given: Given): void {
    this.given.push(given);
  }
}
