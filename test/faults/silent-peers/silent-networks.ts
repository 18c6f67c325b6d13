import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { RawPolling } from '#test/support/raw-connection.js';
import { HandMadeSocket } from './hand-made-socket.js';
import { through } from './silent-peer.js';
import type { Door, SilentPeer } from './silent-peer.js';

type Transport = 'polling' | 'websocket';
type Silence = (network: UnrulyNetwork) => void;

const SILENCES: Readonly<Record<string, Silence>> = {
  'nothing gets through': (network) => network.goSilent(),
  'nothing gets to the peer': (network) => network.loseAll('bot'),
  'nothing gets to the server': (network) => network.loseAll('server'),
  'the network reads nothing more': (network) => network.stall(),
};

const bot =
  (transports: Transport[]) =>
  ({ url, key }: Door): Promise<TestBot> =>
    TestBot.connect(url, { key }, { transports });

const upgraded = async ({ url, key }: Door): Promise<TestBot> => {
  const peer = await TestBot.connect(url, { key }, { transports: ['polling', 'websocket'] });
  await waitFor('the upgrade', () => peer.socket.io.engine.transport.name === 'websocket');
  return peer;
};

const POLLED = 'websocket&sid=';

/** Opens a polling session, and a WebSocket that asks whether it may take over and then says nothing more. */
const upgrading = async ({ url, key }: Door): Promise<HandMadeSocket> => {
  const polling = await RawPolling.open(url);
  await polling.post(`40/bots,${JSON.stringify({ key })}`);
  await waitFor('ready', async () => (await polling.read()).some((packet) => packet.includes('"ready"')));
  const socket = await HandMadeSocket.open(url, `${POLLED}${polling.sid}`);
  socket.send('2probe');
  await socket.until('3probe');
  return socket;
};

/** Sends half a frame of a bot's request. */
const halfFrame = async ({ url, key }: Door): Promise<HandMadeSocket> => {
  const socket = await HandMadeSocket.open(url);
  await socket.until('"sid"');
  socket.send(`40/bots,${JSON.stringify({ key })}`);
  await socket.until('"ready"');
  socket.sendHalf(`42/bots,1["who",{"channel":"${'x'.repeat(1_000)}"}]`);
  return socket;
};

/** Sends half a payload of a polling client. */
const halfPayload = async ({ url, key }: Door): Promise<HandMadeSocket> => {
  const polling = await RawPolling.open(url);
  await polling.post(`40/bots,${JSON.stringify({ key })}`);
  await waitFor('ready', async () => (await polling.read()).some((packet) => packet.includes('"ready"')));
  return HandMadeSocket.sendHalfPost(url, `/socket.io/?EIO=4&transport=polling&sid=${polling.sid}`);
};

const halfRequest = ({ url, key }: Door): Promise<HandMadeSocket> =>
  HandMadeSocket.sendHalfPost(url, '/v1/messages', key);

/** Asks for a WebSocket at a path that has none. */
const strayed = async ({ url }: Door): Promise<HandMadeSocket> => HandMadeSocket.ask(url, '/nowhere');

const stranger = async ({ url }: Door): Promise<HandMadeSocket> => {
  const socket = await HandMadeSocket.open(url);
  await socket.until('"sid"');
  return socket;
};

const bots = (['websocket', 'polling'] as const).flatMap((transport): SilentPeer[] =>
  Object.entries(SILENCES).map(([how, silence]) => ({
    name: `a bot by ${transport}: ${how}`,
    isBot: true,
    come: (door) => through(door, bot([transport]), silence),
  })),
);

/** Peers whose network is gone: a relay stays open and carries nothing any more. */
export const SILENT_NETWORKS: readonly SilentPeer[] = [
  ...bots,
  { name: 'a bot after its upgrade', isBot: true, come: (door) => through(door, upgraded) },
  { name: 'a bot in the middle of its upgrade', isBot: true, come: (door) => through(door, upgrading) },
  { name: 'a bot in the middle of a frame', isBot: true, come: (door) => through(door, halfFrame) },
  {
    name: 'a bot by polling in the middle of a payload',
    isBot: true,
    come: (door) => through(door, halfPayload),
  },
  { name: 'a request in the middle', isBot: false, come: (door) => through(door, halfRequest) },
  { name: 'a stranger’s WebSocket', isBot: false, come: (door) => through(door, stranger) },
  { name: 'who wants a WebSocket where none is', isBot: false, come: (door) => through(door, strayed) },
  {
    name: 'who says nothing at all',
    isBot: false,
    come: (door) => through(door, ({ url }) => HandMadeSocket.connect(url)),
  },
];
