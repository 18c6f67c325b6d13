import type { BotHistory, Place, Rule, Step, Violation } from './history.js';
import type { LogIndex } from './log-index.js';

/** The state of one bot's deliveries in one channel. */
type Owed = {
  /** The highest seq it ever received. */
  last: number;
  /** The next seq due on this connection. */
  due: number;
  /** Seqs that this connection has skipped so far. */
  missing: Set<number>;
  /** The last seq that the server confirmed as acknowledged. */
  confirmed: number;
  /** The last seq that the bot acknowledged, confirmed or not. */
  told: number;
};

/**
 * Checks that deliveries are complete and in order. On one connection the seqs of a channel are contiguous from the cursor
 * it began with. Across connections:
 * - a bot that says what it saw receives what follows, and nothing else;
 * - a bot that relies on its stored cursor receives what follows a seq it has acknowledged. That seq is not before the last
 *   one the server confirmed (that would repeat settled messages), and not after the last one the bot acknowledged (that
 *   would be a gap). Only messages between the two may come twice.
 * Messages removed by retention are reported as gone where they would have come. The report covers exactly those, and no
 * message that could be read during the whole time from the request for the connection to the report.
 * At the end every bot has everything in the log.
 */
export const checkDelivery = (history: BotHistory, log: LogIndex): Violation[] => {
  const check = new DeliveryCheck(history, log);
  for (const step of history.steps) check.takeStep(step);
  return check.finish();
};

class DeliveryCheck {
  private readonly violations: Violation[] = [];
  private readonly owed: Map<string, Owed>;
  private connections = 0;
  private askedAt = -Infinity;

  constructor(
    private readonly history: BotHistory,
    private readonly log: LogIndex,
  ) {
    this.owed = new Map(
      Object.entries(history.memberSince).map(([channel, seq]) => [
        channel,
        { last: seq, due: seq + 1, missing: new Set(), confirmed: seq, told: seq },
      ]),
    );
  }

  takeStep(step: Step): void {
    switch (step.type) {
      case 'connected':
        this.askedAt = step.askedAt ?? -Infinity;
        this.connected(step.cursors);
        return;
      case 'received':
        this.received(step);
        return;
      case 'truncated':
        this.truncated(step);
        return;
      case 'caughtup':
        this.caughtUp(step);
        return;
      case 'acknowledging':
        this.in(step).told = Math.max(this.in(step).told, step.seq);
        return;
      case 'acknowledged':
        this.in(step).confirmed = Math.max(this.in(step).confirmed, step.seq);
        return;
      case 'offended':
        this.found('offended', step.by);
    }
  }

  finish(): Violation[] {
    this.endConnection();
    for (const [channel, { last }] of this.owed) {
      const head = this.log.head(channel);
      if (last !== head) this.found('not caught up at the end', `${channel}: has ${last} of ${head}`);
    }
    return this.violations;
  }

  private connected(cursors: Readonly<Record<string, number>>): void {
    this.endConnection();
    this.connections += 1;
    for (const [channel, owed] of this.owed) {
      const cursor = cursors[channel];
      const [from, to] =
        this.history.resumes === 'map' ? [owed.last, owed.last] : [owed.confirmed, owed.told];
      if (cursor === undefined || cursor < from || cursor > to) {
        const due = from === to ? String(from) : `${from} to ${to}`;
        this.found('cursor not where it was left', `${channel}: ${cursor}, not ${due}`);
      }
      owed.due = (cursor ?? owed.last) + 1;
    }
  }

  private received(step: Extract<Step, { type: 'received' }>): void {
    const owed = this.in(step);
    const { channel, seq } = step;
    if (seq < owed.due) {
      const late = owed.missing.delete(seq);
      this.found(late ? 'out of order' : 'repeat', `${channel}/${seq} where ${owed.due} was due`);
    }
    for (; owed.due < seq; owed.due += 1) owed.missing.add(owed.due);
    owed.due = Math.max(owed.due, seq + 1);
    owed.last = Math.max(owed.last, seq);
    this.compare(step);
  }

  /** Checks that the messages reported as gone are the next ones due, and that they can have been gone. */
  private truncated({ channel, from, to, at }: Extract<Step, { type: 'truncated' }>): void {
    const owed = this.in({ channel, seq: to });
    const when = { since: this.askedAt, until: at };
    const isRight = from === owed.due && to >= from && this.log.wasGone({ channel, seq: to }, when);
    if (!isRight)
      this.found('said to be gone though it was there', `${channel}/${from} to ${to}, ${owed.due} was due`);
    owed.due = Math.max(owed.due, to + 1);
    owed.last = Math.max(owed.last, to);
  }

  private compare(step: Extract<Step, { type: 'received' }>): void {
    const logged = this.log.at(step);
    if (logged?.id === step.id && logged.bot === step.from && logged.body === step.body) return;
    const inLog = logged ? `${logged.id} of ${logged.bot}` : 'nothing';
    this.found(
      'received something else than what is in the log',
      `${step.channel}/${step.seq}: ${step.id} of ${step.from}, in the log ${inLog}`,
    );
  }

  private caughtUp(step: Place): void {
    const { due } = this.in(step);
    if (step.seq !== due - 1)
      this.found('caught up at the wrong place', `${step.channel}: said ${step.seq}, has ${due - 1}`);
  }

  /** Reports skipped messages that did not come before the connection ended as a gap. */
  private endConnection(): void {
    for (const [channel, { missing }] of this.owed) {
      if (missing.size > 0)
        this.found('gap', `${channel}: ${[...missing].slice(0, 5).join(', ')} (${missing.size} in all)`);
      missing.clear();
    }
  }

  private in({ channel }: Place): Owed {
    const owed = this.owed.get(channel);
    if (owed) return owed;
    throw new Error(`${this.history.bot} is not a member of ${channel}, yet heard of it`);
  }

  private found(rule: Rule, detail: string): void {
    this.violations.push({
      rule,
      bot: this.history.bot,
      detail: `${detail} (connection ${this.connections})`,
    });
  }
}
