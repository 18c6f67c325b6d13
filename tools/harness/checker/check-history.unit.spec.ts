import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from './check-history.js';
import { honestRun } from './honest-run.js';
import type { Run } from './honest-run.js';
import type { Logged, Rule, Step } from './history.js';

const sizes = fc.record({
  messages: fc.integer({ min: 16, max: 60 }),
  connections: fc.integer({ min: 1, max: 4 }),
});

const rulesBroken = ({ histories, log }: Run): Rule[] => [
  ...new Set(checkHistory(histories, log).map(({ rule }) => rule)),
];

/** Plants one fault at a random place of a random honest run; every rule it returns must be found broken. */
const isFound = (plant: (run: Run, at: number) => readonly Rule[], connections?: number): void => {
  fc.assert(
    fc.property(sizes, fc.nat({ max: 1_000 }), (size, at) => {
      const run = honestRun({ ...size, connections: connections ?? size.connections });
      const rules = plant(run, at);
      expect(rulesBroken(run)).toEqual(expect.arrayContaining([...rules]));
    }),
  );
};

/** Replaces the step of a kind at place `at` of a bot, counted modulo their number. */
const replaceStep = <T extends Step['type']>(
  run: Run,
  who: number,
  type: T,
  at: number,
  by: (step: Extract<Step, { type: T }>) => readonly Step[],
): void => {
  const history = run.histories[who]!;
  const places = history.steps.flatMap((step, index) => (step.type === type ? [index] : []));
  const place = places[at % places.length]!;
  const step = history.steps[place] as Extract<Step, { type: T }>;
  history.steps = history.steps.toSpliced(place, 1, ...by(step));
};

const swap = (run: Run, who: number, at: number): void => {
  const history = run.histories[who]!;
  const steps = [...history.steps];
  // Pairs of one channel that arrived one after the other on one connection.
  const pairs = steps.flatMap((step, index) => {
    if (step.type !== 'received') return [];
    const next = steps.findIndex(
      (later, place) =>
        place > index &&
        (later.type === 'connected' || (later.type === 'received' && later.channel === step.channel)),
    );
    return steps[next]?.type === 'received' ? [[index, next] as const] : [];
  });
  const [one, other] = pairs[at % pairs.length]!;
  [steps[one], steps[other]] = [steps[other]!, steps[one]!];
  history.steps = steps;
};

const lose = (run: Run, who: number, { channel, seq }: Logged): void => {
  const history = run.histories[who]!;
  history.steps = history.steps.filter(
    (step) => step.type !== 'received' || step.channel !== channel || step.seq !== seq,
  );
};

const other = (message: Logged): Logged => ({ ...message, seq: message.seq + 1_000 });

describe('the checker of fault runs', () => {
  it('finds nothing in a run that kept every promise', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(rulesBroken(honestRun(size))).toEqual([]);
      }),
    );
  });

  describe('of delivery', () => {
    it.each([0, 1])('finds a message that bot %i never received', (who) => {
      isFound((run, at) => {
        // A missing last message shows only at the end; another spec covers that.
        const lost = run.log[at % (run.log.length - 8)]!;
        lose(run, who, lost);
        return ['gap'];
      }, 1);
    });

    it('finds a message lost between two connections', () => {
      isFound((run, at) => {
        replaceStep(run, 0, 'connected', at, ({ cursors }) => [
          { type: 'connected', cursors: { ...cursors, red: cursors.red! + 1 } },
        ]);
        return ['cursor not where it was left'];
      });
    });

    it.each([0, 1])('finds a message that bot %i received twice on one connection', (who) => {
      isFound((run, at) => {
        replaceStep(run, who, 'received', at, (step) => [step, step]);
        return ['repeat'];
      });
    });

    it('finds a message repeated after a reconnect', () => {
      isFound((run, at) => {
        replaceStep(run, 0, 'connected', at, ({ cursors }) => [
          { type: 'connected', cursors: { ...cursors, red: cursors.red! - 1 } },
        ]);
        return ['cursor not where it was left'];
      });
    });

    it('finds a stored cursor behind what was confirmed', () => {
      isFound((run, at) => {
        replaceStep(run, 1, 'acknowledged', at, (step) => [
          step,
          { type: 'connected', cursors: { red: -1, blue: -1, [step.channel]: step.seq - 1 } },
        ]);
        return ['cursor not where it was left'];
      });
    });

    it('allows a stored cursor anywhere from the confirmed seq to the acknowledged one', () => {
      for (const [cursor, rules] of [
        [6, []],
        [7, []],
        [8, ['cursor not where it was left', 'caught up at the wrong place']],
      ] as const) {
        const run = honestRun({ messages: 16, connections: 1 });
        const history = run.histories[1]!;
        const again: Step[] = run.log
          .filter(({ channel, seq }) => channel === 'red' && seq > cursor)
          .map(({ bot, ...message }) => ({ ...message, type: 'received', from: bot }));
        history.steps = [
          ...history.steps,
          { type: 'acknowledging', channel: 'red', seq: 7 },
          { type: 'connected', cursors: { red: cursor, blue: 6 } },
          ...again,
          { type: 'caughtup', channel: 'red', seq: run.log.at(-1)!.seq },
        ];
        expect(rulesBroken(run), `resumed after ${cursor}`).toEqual(rules);
      }
    });

    it.each([0, 1])('finds two messages that bot %i received in the wrong order', (who) => {
      isFound((run, at) => {
        swap(run, who, at);
        return ['out of order'];
      });
    });

    it('finds a message that arrived with different content', () => {
      isFound((run, at) => {
        replaceStep(run, at % 2, 'received', at, (step) => [{ ...step, body: 'another' }]);
        return ['received something else than what is in the log'];
      });
    });

    it('finds a message that was delivered but is not in the log', () => {
      isFound((run) => {
        run.log.pop();
        return ['received something else than what is in the log', 'not caught up at the end'];
      });
    });

    it('finds a bot that was told it had caught up when it had not', () => {
      isFound((run, at) => {
        replaceStep(run, at % 2, 'caughtup', at, (step) => [{ ...step, seq: step.seq + 1 }]);
        return ['caught up at the wrong place'];
      });
    });

    it('finds a bot that was left behind at the end', () => {
      isFound((run, at) => {
        lose(run, at % 2, run.log.at(-1)!);
        return ['not caught up at the end'];
      });
    });

    it('finds a bot that was turned away', () => {
      isFound((run, at) => {
        replaceStep(run, at % 2, 'caughtup', at, (step) => [
          step,
          { type: 'offended', by: 'unknown_position' },
        ]);
        return ['offended'];
      });
    });
  });

  describe('of posting', () => {
    it('finds an acknowledged message that is not in the log', () => {
      isFound((run, at) => {
        run.log.splice(at % run.log.length, 1);
        return ['acknowledged but not in the log'];
      });
    });

    it('finds a message that is in the log twice', () => {
      isFound((run, at) => {
        run.log.push(other(run.log[at % run.log.length]!));
        return ['in the log more than once'];
      });
    });

    it('finds a message in the log that nobody sent', () => {
      isFound((run) => {
        run.log.push({ ...other(run.log[0]!), id: 'invented' });
        return ['in the log but never sent'];
      });
    });

    it('finds a message in the log with different content from what was sent', () => {
      isFound((run, at) => {
        const place = at % run.log.length;
        run.log[place] = { ...run.log[place]!, body: 'changed' };
        return ['in the log but never sent'];
      });
    });

    it('finds a hole in the log', () => {
      isFound((run) => {
        run.log.push({ ...run.log.at(-1)!, seq: 10_000 });
        return ['the log has a hole'];
      });
    });

    it('finds an acknowledgement with a different seq or time', () => {
      isFound((run, at) => {
        replaceStep(run, at % 2, 'answered', at, (step) =>
          at % 3 ? [{ ...step, seq: step.seq + 1 }] : [{ ...step, at: step.at + 1 }],
        );
        return ['answered with another place'];
      });
    });

    it('finds a repeated message that was answered as new', () => {
      isFound((run, at) => {
        replaceStep(run, at % 2, 'answered', 2 * at + 1, (step) => [{ ...step, duplicate: false }]);
        return ['answered as new though it was there'];
      });
    });

    it('finds a lost acknowledgement whose retry was answered as new', () => {
      isFound((run, at) => {
        const history = run.histories[at % 2]!;
        const { id } = run.log.filter(({ bot }) => bot === history.bot)[at % 8]!;
        const answer = history.steps.findIndex((step) => step.type === 'answered' && step.id === id);
        history.steps = history.steps
          .toSpliced(answer, 1)
          .map((step) => (step.type === 'answered' && step.id === id ? { ...step, duplicate: false } : step));
        return ['answered as new though it was there'];
      });
    });

    it('finds a message that was never answered', () => {
      isFound((run, at) => {
        const history = run.histories[at % 2]!;
        const { id } = run.log.filter(({ bot }) => bot === history.bot)[at % 8]!;
        history.steps = history.steps.filter((step) => step.type !== 'answered' || step.id !== id);
        return ['never answered'];
      });
    });

    it('finds two messages of one bot that are in the log in the wrong order', () => {
      isFound((run, at) => {
        const history = run.histories[at % 2]!;
        history.steps = history.steps.toReversed();
        return ['send order broken'];
      });
    });
  });
});
