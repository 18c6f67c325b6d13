import { cp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import type { BotHistory, Logged, Rule, Step } from '#tools/harness/checker/history.js';
import { Crew } from '#tools/harness/bots/crew.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { readMessages } from './read-log.js';
import { report } from './report.js';

type Received = Extract<Step, { type: 'received' }>;

/**
 * Checks the checker against a real run: it finds nothing in the run as it was, and finds each fault that is planted in
 * it. A copy of the store, taken half way, shows what the log would hold had messages been acknowledged before they
 * were synced: a power cut would have left just that.
 */
describe('the checker of a real run', () => {
  const seed = seedOfThisRun();
  const random = new Random(seed);
  let roles: Roles;
  let halfWay = '';
  let histories: readonly BotHistory[];
  let log: readonly Logged[];

  beforeAll(async () => {
    report(`seed ${seed} (VERBATIM_FAULT_SEED)`);
    roles = await startRoles({ gateways: 1, admins: 1 });
    const crew = await Crew.gather(roles.gateways[0]!.api, random);
    try {
      crew.talk();
      await said(crew, 200);
      await roles.eventStore.kill();
      halfWay = `${roles.eventStoreDir}-half-way`;
      await cp(roles.eventStoreDir, halfWay, { recursive: true });
      await roles.eventStore.start();
      await said(crew, 400);
      await crew.settle();
    } finally {
      crew.close();
    }
    await roles.kill();
    histories = crew.histories;
    log = await readMessages(roles.eventStoreDir);
  });

  afterAll(async () => {
    await rm(halfWay, { recursive: true, force: true });
    await roles?.remove();
  });

  /**
   * Returns the run with one bot's steps changed around one message that it received and that is not among the last.
   */
  const planted = (change: (steps: readonly Step[], at: number) => Step[]): readonly BotHistory[] => {
    const victim = random.pick(histories);
    const places = victim.steps.flatMap((step, index) => (hasNext(victim.steps, step, index) ? [index] : []));
    const steps = change(victim.steps, random.pick(places));
    return histories.map((history) => (history === victim ? { ...history, steps } : history));
  };

  const rulesBroken = (found: readonly BotHistory[], messages = log): Set<Rule> =>
    new Set(checkHistory(found, messages).map(({ rule }) => rule));

  it('finds nothing in the unchanged run', () => {
    const violations = checkHistory(histories, log);
    expect(violations.length, describeViolations(violations)).toBe(0);
  });

  it('finds one message dropped', () => {
    expect(rulesBroken(planted((steps, at) => steps.toSpliced(at, 1)))).toContain('gap');
  });

  it('finds one message repeated', () => {
    expect(rulesBroken(planted((steps, at) => steps.toSpliced(at, 0, steps[at]!)))).toContain('repeat');
  });

  it('finds two messages swapped', () => {
    expect(rulesBroken(planted(swap))).toContain('out of order');
  });

  it('finds two messages that were accepted in another order than sent, even if refusals may be lost', () => {
    const putOff = new Set(
      histories.flatMap(({ steps }) => steps.flatMap((step) => (step.type === 'put-off' ? [step.id] : []))),
    );
    const taken = log.filter(({ id }) => !putOff.has(id));
    const exchanged = exchange(histories, log, random.pick(pairsOfOneSender(taken)));
    const violations = checkHistory(exchanged.histories, exchanged.log, { refusalsGetLost: true });
    expect(violations.map(({ rule }) => rule)).toContain('send order broken');
  });

  it('finds messages that were acknowledged before they were synced', async () => {
    const left = await readMessages(halfWay);
    expect(left.length).toBeLessThan(log.length);
    expect(rulesBroken(histories, left)).toContain('acknowledged but not in the log');
  });
});

type Pair = readonly [Logged, Logged];

/** Returns pairs of messages of one bot in one channel. Other bots' messages may lie between the two. */
const pairsOfOneSender = (log: readonly Logged[]): readonly Pair[] =>
  log.flatMap((one) => {
    const next = log.find(
      ({ bot, channel, seq }) => bot === one.bot && channel === one.channel && seq > one.seq,
    );
    return next ? [[one, next] as const] : [];
  });

/** Returns the same run as if two messages had changed places, and everybody had been told so. */
const exchange = (
  histories: readonly BotHistory[],
  log: readonly Logged[],
  [one, other]: Pair,
): Readonly<{ histories: readonly BotHistory[]; log: readonly Logged[] }> => {
  const given = new Map([
    [one.id, other],
    [other.id, one],
  ]);
  const told = (step: Step): Step => {
    const instead = 'id' in step ? given.get(step.id) : undefined;
    if (!instead) return step;
    const { id, body, seq, at } = instead;
    if (step.type === 'received') return { ...step, id, body };
    return step.type === 'answered' ? { ...step, seq, at } : step;
  };
  return {
    histories: histories.map((history) => ({ ...history, steps: history.steps.map(told) })),
    log: log.map((message) => {
      const instead = given.get(message.id);
      return instead ? { ...message, id: instead.id, body: instead.body } : message;
    }),
  };
};

const said = (crew: Crew, messages: number): Promise<true> =>
  waitFor(`${messages} answers`, () => crew.count('answered') >= messages, 30_000);

/** Returns where the next message of the same channel was received on the same connection, or -1. */
const nextOf = (steps: readonly Step[], { channel }: Received, at: number): number => {
  const next = steps.findIndex(
    (step, index) =>
      index > at && (step.type === 'connected' || (step.type === 'received' && step.channel === channel)),
  );
  return steps[next]?.type === 'received' ? next : -1;
};

const swap = (steps: readonly Step[], at: number): Step[] => {
  const next = nextOf(steps, steps[at] as Received, at);
  return steps.with(at, steps[next]!).with(next, steps[at]!);
};

const hasNext = (steps: readonly Step[], step: Step, index: number): boolean =>
  step.type === 'received' && nextOf(steps, step, index) >= 0;
