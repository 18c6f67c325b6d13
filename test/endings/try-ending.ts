import { setTimeout as pause } from 'node:timers/promises';
import type { ClientKind } from './client-process.js';
import type { Ending } from './endings.js';
import type { Seat, Stage } from './stage.js';

/** What one client did when its connection ended in one way. */
export type Outcome = Readonly<{ client: string; did: string; seconds: number; isAsExpected: boolean }>;

const STAYS_MS = 10_000;
const WHILE_AWAY = 5;

/**
 * Ends the connections of clients of these kinds in one way, posts messages meanwhile, and records what the clients do.
 */
export const tryEnding = async (
  ending: Ending,
  stage: Stage,
  kinds: readonly ClientKind[],
): Promise<Outcome[]> => {
  try {
    await stage.say();
    await stage.register(kinds);
    if (!ending.comesFirst) {
      stage.start();
      await stage.live();
    }
    const before = stage.newest;
    const began = Date.now();
    await ending.end(stage);
    const over = Date.now();
    await stage.say(WHILE_AWAY);
    if (ending.expected === 'ended') await pause(STAYS_MS);
    const look = ending.expected === 'back' ? back : ended;
    return await Promise.all(stage.seats.map((seat) => look(ending, stage, seat, { before, began, over })));
  } finally {
    await stage.clear();
  }
};

type Times = Readonly<{ before: number; began: number; over: number }>;

const back = async (ending: Ending, stage: Stage, seat: Seat, times: Times): Promise<Outcome> => {
  const { client } = seat;
  const seen = { client: client.kind.name, seconds: 0, isAsExpected: false };
  try {
    await stage.level(seat, times.before);
  } catch (error) {
    return { ...seen, did: `not back: ${(error as Error).message}` };
  }
  const wasTold = ending.word === undefined || client.count('notice', ending.word) > 0;
  const ready = client.told.findLast(({ event }) => event === 'ready')!.at;
  const stayed = !ending.comesFirst && client.count('ready') === 1;
  const seconds = Math.max(0, ready - times.over) / 1000;
  if (stayed) return { ...seen, did: 'stays connected', isAsExpected: true };
  return { ...seen, did: wasTold ? 'back' : 'back, not told', seconds, isAsExpected: wasTold };
};

const ended = async (ending: Ending, _: Stage, { client }: Seat, times: Times): Promise<Outcome> => {
  const wasTold = client.count('notice', ending.word) > 0;
  const end = client.told.findLast(({ event }) => event === 'disconnect')?.at;
  const isGone = end !== undefined && client.count('ready') === 1;
  const did = isGone ? 'ended' : end === undefined ? 'stays connected' : 'back';
  return {
    client: client.kind.name,
    did: wasTold ? did : `${did}, not told`,
    seconds: Math.max(0, (end ?? times.began) - times.began) / 1000,
    isAsExpected: wasTold && isGone,
  };
};
