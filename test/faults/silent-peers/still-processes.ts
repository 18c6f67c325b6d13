import { clientsAtHand } from '#test/endings/client-kinds.js';
import { ClientProcess } from '#test/endings/client-process.js';
import type { ClientKind } from '#test/endings/client-process.js';
import { through } from './silent-peer.js';
import type { Door, Guest, SilentPeer } from './silent-peer.js';

const come = (kind: ClientKind, door: Door, fallSilent: (client: ClientProcess) => void): Promise<Guest> => {
  const start = async (at: Door): Promise<{ client: ClientProcess; close(): Promise<void> }> => {
    const client = new ClientProcess(kind, at);
    await client.waitFor('ready');
    return { client, close: () => client.end() };
  };
  return through(door, start, (_, { client }) => fallSilent(client));
};

const frozen = clientsAtHand().map((kind): SilentPeer => ({
  name: `${kind.name}, its process frozen`,
  isBot: true,
  come: (door) => come(kind, door, (client) => client.signal('SIGSTOP')),
}));

const live = clientsAtHand()
  .filter(({ isThreaded }) => isThreaded)
  .map((kind): SilentPeer => ({
    name: `${kind.name}, alive`,
    isBot: true,
    come: (door) => come(kind, door, () => undefined),
  }));

/**
 * Client libraries in frozen processes, and the threaded ones also unfrozen. Debian's synchronous client is one of
 * those: it goes on reading after its session has ended.
 */
export const STILL_PROCESSES: readonly SilentPeer[] = [...frozen, ...live];
