import { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { Random } from '#tools/harness/random.js';

/** Where a peer comes, and as whom. */
export type Door = Readonly<{ url: string; key: string }>;

/** A peer that is there. */
export type Guest = Readonly<{
  /** Of its connections to the server. */
  ports: ReadonlySet<number>;
  /** From now on its network, or its process, does as it is planned. */
  fallSilent(): void;
  /** Ends whatever is left of it. */
  leave(): Promise<void>;
}>;

/** Somebody who is connected and of whom nothing more is heard. */
export type SilentPeer = Readonly<{
  name: string;
  /** Whether a bot is let in, so that it can be superseded and revoked. */
  isBot: boolean;
  /** Resolves when it is where it wants to be. */
  come(door: Door): Promise<Guest>;
}>;

/** So many bytes from this port, all of which are to come to the server. */
export type Sent = Readonly<{ port: number; bytes: number }>;

/** Comes through a network of its own. */
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
