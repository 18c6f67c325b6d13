import { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { Random } from '#tools/harness/random.js';

/** The server that a peer connects to, and the key that it uses. */
export type Door = Readonly<{ url: string; key: string }>;

/** A connected peer. */
export type Guest = Readonly<{
  /** Ports of its connections, as the server sees them. */
  ports: ReadonlySet<number>;
  /** Makes its network or process behave as planned from now on. */
  fallSilent(): void;
  /** Ends whatever is left of it. */
  leave(): Promise<void>;
}>;

/** A peer that connects, and of which nothing more is heard later. */
export type SilentPeer = Readonly<{
  name: string;
  /** Whether the peer gets in as a bot, so that it can be superseded and revoked. */
  isBot: boolean;
  /** Connects the peer, and resolves when it has reached its intended state. */
  come(door: Door): Promise<Guest>;
}>;

/** Number of bytes sent from a port. All of them must reach the server before the peer falls silent. */
export type Sent = Readonly<{ port: number; bytes: number }>;

/** Connects a peer through a network of its own. */
export const through = async <Peer extends Readonly<{ close(): unknown; sent?: Sent }>>(
  { url, key }: Door,
  come: (door: Door) => Promise<Peer>,
  fallSilent: (network: UnrulyNetwork, peer: Peer) => void = (network) => network.goSilent(),
): Promise<Guest> => {
  const network = await UnrulyNetwork.open(Number(new URL(url).port), new Random(1));
  const peer = await come({ url: network.url, key });
  const { port, bytes } = peer.sent ?? { port: 0, bytes: 0 };
  await waitFor('all of it to have come', () => network.carriedFrom(port) >= bytes);
  return {
    ports: network.portsAtServer,
    fallSilent: () => fallSilent(network, peer),
    leave: async () => {
      await peer.close();
      await network.close();
    },
  };
};
