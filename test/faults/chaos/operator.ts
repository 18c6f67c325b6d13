import { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { randomRule } from '#tools/harness/checker/random-rule.js';
import { RetentionRecord } from '#tools/harness/checker/retention-record.js';
import type { Times } from '#tools/harness/checker/retention-record.js';
import type { Random } from '#tools/harness/random.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { newEvent } from '#test/support/new-event.js';
import { scavenge } from '#test/support/scavenge.js';
import { LogWitness } from './log-witness.js';

const PATIENCE_MS = 60_000;

/**
 * Changes the retention of channels, has the store scavenged, and records when. A scavenge needs a running store, and
 * read models that can catch up, because only they know ids that are gone from the log.
 */
export class Operator {
  readonly record = new RetentionRecord();
  readonly witness: LogWitness;
  private readonly store: EventStore;

  constructor(
    private readonly roles: Roles,
    private readonly random: Random,
  ) {
    this.store = new EventStore({ connectionString: roles.eventStoreUrl });
    this.witness = new LogWitness(this.store);
  }

  /**
   * Gives some channels another retention rule.
   * @param heads the last known seq of each channel
   * @param count the most channels to change
   */
  async retainOtherwise(heads: ReadonlyMap<string, number>, count: number): Promise<void> {
    const some = this.random.shuffled([...heads]).slice(0, count);
    await Promise.all(some.map(([channel, head]) => this.retain(channel, head)));
  }

  async scavenge(): Promise<void> {
    const end = await this.insist('the end of the log', () => this.newest());
    await waitFor('the witness', () => this.witness.hasReached(end), PATIENCE_MS);
    await this.insist('level read models', () => this.readModelsReach(end));
    const times: { -readonly [K in keyof Times]: Times[K] } = { since: Date.now(), until: Infinity };
    this.record.scavenged(times);
    await scavenge(this.roles.eventStoreUrl);
    times.until = Date.now();
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async retain(channel: string, head: number): Promise<void> {
    const rule = randomRule(this.random, head + 1);
    const event = { ...newEvent(), type: '$metadata', data: rule };
    const since = Date.now();
    await this.insist(`retention of ${channel}`, () =>
      this.store.append(`$$messages-${channel}`, [event], 'any'),
    );
    this.record.set(channel, rule, { since, until: Date.now() });
  }

  private async newest(): Promise<LogPosition | undefined> {
    for await (const { position } of this.store.readAll({ direction: 'backwards', limit: 1 }))
      return position;
    return undefined;
  }

  private async readModelsReach({ commit }: LogPosition): Promise<boolean> {
    const { api } = this.roles.admins[0]!;
    return (await api.request('GET', `/v1/projections?minPosition=${commit}`)).status === 200;
  }

  /** Repeats an attempt that may fail because something has just been started. */
  private insist<T>(what: string, attempt: () => Promise<T | undefined | false>): Promise<T> {
    return waitFor(what, () => attempt().catch(() => undefined), PATIENCE_MS);
  }
}
