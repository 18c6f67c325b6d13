import { Boundary } from '#libs/platform/faults/boundary.js';
import type { ReadModelDatabase } from './read-model-database.js';

const TOGETHER = new Boundary('projections.ask-together');

type Waiting<Call, Answer> = Readonly<{
  call: Call;
  resolve(answer: Answer | Promise<Answer>): void;
  reject(error: unknown): void;
}>;

/**
 * Returns a function whose calls in one turn of the event loop become one question to the database. `ask` answers the
 * calls in their order. An answer that is a promise is waited for, and may reject, for its call alone. What `ask` throws
 * rejects all.
 */
export const askTogether = <Call, Answer>(
  ask: (
    database: ReadModelDatabase,
    calls: readonly Call[],
  ) => Promise<readonly (Answer | Promise<Answer>)[]>,
): ((database: ReadModelDatabase, call: Call) => Promise<Answer>) => {
  const gathered = new WeakMap<ReadModelDatabase, Waiting<Call, Answer>[]>();
  const answerAll = async (database: ReadModelDatabase, waiting: readonly Waiting<Call, Answer>[]) => {
    const calls = waiting.map(({ call }) => call);
    const answers = await ask(database, calls);
    for (const [index, { resolve }] of waiting.entries()) resolve(answers[index]!);
  };
  const askLater = (database: ReadModelDatabase): Waiting<Call, Answer>[] => {
    const waiting: Waiting<Call, Answer>[] = [];
    gathered.set(database, waiting);
    const rejectAll = (error: unknown): void => {
      if (gathered.get(database) === waiting) gathered.delete(database);
      for (const { reject } of waiting) reject(error);
    };
    const askNow = (): Promise<void> => {
      gathered.delete(database);
      return answerAll(database, waiting).catch(rejectAll);
    };
    setImmediate(TOGETHER.guard(askNow, rejectAll));
    return waiting;
  };
  return (database, call) =>
    new Promise((resolve, reject) => {
      const waiting = gathered.get(database) ?? askLater(database);
      waiting.push({ call, resolve, reject });
    });
};
