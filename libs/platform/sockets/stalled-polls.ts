import { StallWatch } from '../connections/stalled.js';
import type { Boundary } from '../faults/boundary.js';
import { endConnection } from './engine-connection.js';
import type { EngineConnection } from './engine-connection.js';
import { waitingIn } from './send-buffer.js';
import { Interval } from '#libs/time/interval.js';

/** Milliseconds after which a polling client that fetches nothing is cut, and between two checks for such clients. */
const STALLED_MS = 30_000;
const LOOK_MS = 5_000;

/** Counts how often the buffer of each connection was emptied. */
const fetched = new WeakMap<EngineConnection, number>();

/** Counts how often a polling client fetched the packets waiting for it. Counts nothing for other clients. */
export const countPolls = (connection: EngineConnection, boundary: Boundary): void => {
  const flushed = (): void => void fetched.set(connection, (fetched.get(connection) ?? 0) + 1);
  const end = (): void => endConnection(connection);
  if (connection.transport.name === 'polling') connection.on('flush', boundary.guard(flushed, end));
};

/**
 * Ends polling sessions whose client sends but never fetches the packets waiting for it.
 * @returns a function that stops the watch
 */
export const watchPolls = (
  clients: Readonly<Record<string, EngineConnection | undefined>>,
  boundary: Boundary,
): (() => void) => {
  const watch = new StallWatch<EngineConnection>(STALLED_MS);
  const look = (): void => {
    const polling = Object.values(clients).filter((one) => one?.transport.name === 'polling');
    const stalled = watch.look(polling as EngineConnection[], (one) => {
      return { waiting: !one.transport.writable && waitingIn(one) > 0, taken: String(fetched.get(one) ?? 0) };
    });
    for (const connection of stalled) endConnection(connection);
  };
  const looks = new Interval(LOOK_MS, look, boundary).start();
  return () => void looks.stop();
};
