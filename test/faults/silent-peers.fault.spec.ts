import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { RoleServer, Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { heldOpenAt } from '#test/support/tcp-connections.js';
import { report } from './report.js';
import { SILENT_NETWORKS } from './silent-peers/silent-networks.js';
import { STILL_PROCESSES } from './silent-peers/still-processes.js';
import type { Guest, SilentPeer } from './silent-peers/silent-peer.js';

const PEERS = [...SILENT_NETWORKS, ...STILL_PROCESSES];
const BOTS = PEERS.filter(({ isBot }) => isBot);
const CHANNEL = 'general';
/** The most milliseconds that a stop may take (`docs/protocol/v1.md`). */
const STOP_MS = 5_000;
/** Milliseconds that a start may take on a busy machine. */
const READY_MS = 60_000;

let roles: Roles;
let gateway: RoleServer;
let whole: RoleServer;
const guests: Guest[] = [];
let number = 0;

beforeAll(async () => {
  roles = await startRoles({ gateways: 1, wholes: 1 });
  [gateway, whole] = [roles.gateways[0]!, roles.wholes[0]!];
});
afterAll(() => roles?.remove());
afterEach(async () => {
  await Promise.all(guests.splice(0).map((guest) => guest.leave()));
  for (const { process } of [gateway, whole]) if (!process.isRunning) await process.start(READY_MS);
}, READY_MS);

const newBot = async ({ api }: RoleServer): Promise<Readonly<{ bot: string; key: string }>> => {
  const bot = `bot-${(number += 1)}`;
  const key = await api.createBot(bot);
  await api.addMember(CHANNEL, bot);
  return { bot, key };
};

/** Connects another bot, which behaves well. */
const welcome = async (at: RoleServer): Promise<TestBot> =>
  TestBot.connect(at.api.url, { key: (await newBot(at)).key });

/**
 * A silent peer. `ports` are those of its connections so far, because a client that hears nothing tries to connect
 * again later.
 */
type Seat = Readonly<{ name: string; bot: string; key: string; ports: readonly number[] }>;

/** Connects a peer as a bot of its own, and silences it. */
const seat = async (peer: SilentPeer, at: RoleServer): Promise<Seat> => {
  const { bot, key } = await newBot(at);
  const guest = await peer.come({ url: at.api.url, key });
  guests.push(guest);
  guest.fallSilent();
  return { name: peer.name, bot, key, ports: [...guest.ports] };
};

/** Connects peers one after the other. Programs that start at once would keep each other from being ready in time. */
const seatAll = async (peers: readonly SilentPeer[], at: RoleServer): Promise<Seat[]> => {
  const seats: Seat[] = [];
  for (const peer of peers) seats.push(await seat(peer, at));
  return seats;
};

const stop = async ({ process }: RoleServer): Promise<number> => {
  const began = performance.now();
  expect(await process.terminate()).toEqual({ code: 0, signal: null });
  const ms = Math.round(performance.now() - began);
  expect(process.output()).not.toContain('step of stopping');
  return ms;
};

/** Stops a server that also serves another bot, which must be sent away as usual. */
const stopBeside = async (server: RoleServer, peers: readonly SilentPeer[], what: string): Promise<void> => {
  const other = await welcome(server);
  await seatAll(peers, server);
  const ms = await stop(server);
  report(`${server.process.name} beside ${what}: ${ms} ms`);
  expect(other.all('notice')).toMatchObject([{ code: 'server_stopping' }]);
  await other.untilDisconnected();
  expect(ms).toBeLessThan(STOP_MS);
};

/** Returns the names of the peers of whom the gateway still holds a connection. */
const held = async (seats: readonly Seat[]): Promise<string[]> => {
  const open = await heldOpenAt(gateway.port);
  return seats.filter(({ ports }) => ports.some((port) => open.has(port))).map(({ name }) => name);
};

const untilFreed = async (seats: readonly Seat[]): Promise<void> => {
  const nobody = async (): Promise<boolean> => (await held(seats)).length === 0;
  // A polling peer leaves an idle HTTP connection, which Node keeps for some seconds.
  await waitFor('their connections to be gone', nobody, 15_000).catch(() => undefined);
  expect(await held(seats)).toEqual([]);
};

/** Returns how many members of the channel are reported as online. */
const countOnline = async (watcher: TestBot): Promise<number> => {
  const { bots } = (await watcher.must('who', { channel: CHANNEL })) as unknown as {
    bots: { state?: string }[];
  };
  return bots.filter(({ state }) => state === 'online').length;
};

describe('a graceful stop', () => {
  it.each(PEERS)(
    'of a gateway does not wait for $name',
    (peer) => stopBeside(gateway, [peer], peer.name),
    READY_MS,
  );

  it('of all roles in one process does not wait for all of them together', () => {
    return stopBeside(whole, PEERS, 'all of them');
  }, 120_000);
});

describe('connections of peers that are silent', () => {
  it('are superseded: the newer one is live, and their place is free', async () => {
    const seats = await seatAll(BOTS, gateway);
    expect(await held(seats)).not.toEqual([]);
    const newer = [];
    for (const { key } of seats) newer.push(await TestBot.connect(gateway.api.url, { key }));
    const speaker = await welcome(gateway);
    const seq = await speaker.say(CHANNEL, 'who is there?');
    for (const bot of newer) await bot.untilSeq(CHANNEL, seq);
    await untilFreed(seats);
    for (const bot of [...newer, speaker]) expect(bot.socket.connected).toBe(true);
    for (const bot of [...newer, speaker]) bot.close();
  }, 120_000);

  it('are revoked: their place is free, and nobody is said to be there', async () => {
    const seats = await seatAll(BOTS, gateway);
    for (const { bot, key } of seats)
      expect((await gateway.api.request('DELETE', `/v1/bots/${bot}/keys/${key.split('.')[2]}`)).status).toBe(
        204,
      );
    await untilFreed(seats);
    const watcher = await welcome(gateway);
    await waitFor('them to be offline', async () => (await countOnline(watcher)) === 1);
    watcher.close();
  }, 120_000);
});
