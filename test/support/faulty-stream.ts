import {
  AppendTooLarge,
  StoreUnavailable,
  WrongExpectedRevision,
} from '#libs/event-store/event-store.errors.js';
import type { ExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import type { Outcome, StreamRules } from '#libs/event-store/stream-writer/stream-rules.js';

/**
 * What happens at the next append or catch-up. `lostBefore`: not written. `lostAfter`: written, but the answer is lost.
 */
export type Fault = 'ok' | 'conflict' | 'lostBefore' | 'lostAfter' | 'catchUpFails';

type Request = { id: string };
type Answer = { seq: number; duplicate?: true };

/** Keeps one stream in memory that fails on command, with rules that accept each id once. */
export class FaultyStream {
  readonly ids: string[] = [];
  readonly conflicts: Error[] = [];
  appends = 0;
  maxEvents = Infinity;
  onAppend: (() => void) | undefined;
  /** While it is set, appends wait for it. */
  hangsUntil: Promise<void> | undefined;
  decideError: Error | undefined;
  answersAfter: Promise<void> | undefined;

  constructor(private readonly faults: Fault[]) {}

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<{ revision: number; position: LogPosition }> {
    this.onAppend?.();
    await this.hangsUntil;
    const fault = this.faults[0] === 'catchUpFails' ? 'ok' : (this.faults.shift() ?? 'ok');
    if (fault === 'lostBefore') throw new StoreUnavailable('lost');
    if (fault === 'conflict') this.ids.push(`other-${this.ids.length}`);
    if (events.length > this.maxEvents) throw new AppendTooLarge('too large');
    const actual = this.ids.length - 1;
    if (expected !== (actual < 0 ? 'no_stream' : actual)) {
      const conflict = new WrongExpectedRevision(stream, expected, actual);
      this.conflicts.push(conflict);
      throw conflict;
    }
    this.appends += 1;
    this.ids.push(...events.map(({ eventId }) => eventId));
    if (fault === 'lostAfter') throw new StoreUnavailable('lost');
    const revision = this.ids.length - 1;
    return { revision, position: { commit: BigInt(revision), prepare: BigInt(revision) } };
  }

  rules(): StreamRules<Request, Answer> {
    const known: string[] = [];
    return {
      catchUp: async () => {
        if (this.faults[0] === 'catchUpFails') {
          this.faults.shift();
          throw new StoreUnavailable('away');
        }
        known.push(...this.ids.slice(known.length));
      },
      revision: () => (known.length === 0 ? 'no_stream' : known.length - 1),
      decide: (requests, uncertain) => {
        if (this.decideError) throw this.decideError;
        return decide(requests, uncertain, known);
      },
      accepted: async (requests, firstRevision) => {
        known.push(...requests.map(({ id }) => id));
        await this.answersAfter;
        return requests.map((_, index) => ({ seq: firstRevision + index }));
      },
    };
  }
}

const decide = (
  requests: readonly Request[],
  uncertain: ReadonlySet<Request>,
  known: readonly string[],
): Outcome<Answer>[] => {
  const ids = [...known];
  return requests.map((request): Outcome<Answer> => {
    const seq = ids.indexOf(request.id);
    if (seq < 0) {
      ids.push(request.id);
      return { kind: 'append', event: event(request.id) };
    }
    const answer = uncertain.has(request) ? { seq } : { seq, duplicate: true as const };
    return { kind: 'answer', answer };
  });
};

const event = (eventId: string): NewEvent => ({
  eventId,
  type: 'Noted',
  data: {},
  metadata: {
    actor: { kind: 'system' },
    $correlationId: eventId,
    $causationId: eventId,
    schema: 1,
    node: 'test',
  },
});
