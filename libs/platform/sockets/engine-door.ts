import type { IncomingMessage, ServerResponse } from 'node:http';
import { noteShownKey, makeStrangers } from '../connections/guard-connections.js';
import type { ConnectionLimits } from '../connections/guard-connections.js';
import { rememberAddress, seenSender } from '../connections/seen-addresses.js';
import type { Strangers } from '../connections/strangers.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { Allowance } from '../limits/allowances.js';
import type { TurnShare } from '../limits/loop-turns.js';
import { shareOfSender, shareOfStranger } from '../limits/shared-turns.js';
import { Boundary } from '../faults/boundary.js';
import { closingSoon, endConnection, tcpOf } from './engine-connection.js';
import type { EngineConnection, EngineTransport, Frame } from './engine-connection.js';
import { gatherWrites } from './gather-writes.js';
import { Intake } from './intake.js';
import { mindPolls } from './polling-answers.js';
import { beforeBreak, boundMessages, readOn } from './frames/lenient-receiver.js';
import { readAsItComes } from './frames/polling-requests.js';
import type { PayloadJudge } from './frames/polling-requests.js';
import { countPolls, watchPolls } from './stalled-polls.js';
import { SYSTEM_CLOCK, type Cancel } from '#libs/time/clock.js';

/**
 * The largest frame, in bytes: room for the largest possible request. `body` and `data` may have 10 KiB of UTF-8, and
 * JSON may write each byte as an escape of six characters (`\u0001`), which makes 60 KiB. The other 4 KiB are for the
 * names, ids and braces around them. In a handshake, the whole frame has room for a map of cursors for about 800
 * channels.
 */
export const FRAME_BYTES = LIMITS.frameBytes;

/**
 * The most bytes that are read, and if need be dropped, from a client that was let in. It applies to a message that is
 * too long, so that it can be refused, and to a polling payload, in which clients gather many packets and which is
 * split up as it arrives.
 */
const MOST_BYTES = LIMITS.payloadBytes;

/** The allowance of a connection on which nobody was let in yet: a handshake, perhaps a wrong one, and heartbeats. */
const STRANGER = { rate: 2, burst: 16 };
/** The allowance of handshakes on one connection. Each namespace needs one, and a client may leave and come back. */
const CONNECTS = { rate: 0.2, burst: 8 };

/**
 * Milliseconds that a connection may stay open on which nobody has tried to get in, and one whose handshake is not
 * decided yet.
 */
const SILENT_MS = 5_000;
const UNDECIDED_MS = 40_000;

/** How a packet that refuses a handshake begins (Socket.IO protocol, revision 5). */
const CONNECT_ERROR = '4';

/** Types of Engine.IO packets that a client has no reason to send on an open connection. They count like heartbeats. */
const IDLE_PACKETS: ReadonlySet<string> = new Set(['open', 'close', 'upgrade', 'noop']);

const ENGINE = new Boundary('sockets.engine');

type Request = IncomingMessage & { _query?: Readonly<Record<string, string | undefined>> };
type Middleware = (request: Request, response: ServerResponse, next: () => void) => void;
/** The parts of Engine.IO's server that are used here. */
export type Engine = Readonly<{
  use(middleware: Middleware): unknown;
  on(event: 'connection', call: (connection: EngineConnection) => void): unknown;
  clients: Readonly<Record<string, EngineConnection | undefined>>;
  opts: { wsEngine: Parameters<typeof closingSoon>[0] };
}>;

/** Registers a function that is called when the server has closed. */
type OnClose = (call: () => void) => void;

const intakes = new WeakMap<object, Intake>();

/** Returns the intake of a connection of Engine.IO (`socket.conn`), or undefined if it has none. */
export const intakeOf = (connection: object): Intake | undefined => intakes.get(connection);

/**
 * Puts an {@link Intake} before each connection of Engine.IO, and limits what may be sent on a connection, and for how
 * long, before anybody is let in on it. Call it after Socket.IO has begun to listen to the engine, because its listener
 * is moved behind the intake. Call it before the server listens, because Engine.IO creates its WebSocket server then.
 */
export const guardEngine = (engine: Engine, limits: ConnectionLimits, onClose: OnClose): void => {
  const strangers = makeStrangers(limits);
  const begin = (connection: EngineConnection): void => {
    const intake = guard(connection);
    rememberAddress(connection, connection.request, limits.isTrusted);
    expectHandshake(connection, intake, strangers, seenSender(connection));
  };
  engine.opts.wsEngine = closingSoon(engine.opts.wsEngine);
  engine.on('connection', (connection) =>
    ENGINE.run(
      () => begin(connection),
      () => endConnection(connection),
    ),
  );
  onClose(watchPolls(engine.clients, ENGINE));
  engine.use((request, response, next) =>
    ENGINE.run(
      () => holdBack(engine, request, response, next),
      () => response.destroy(),
    ),
  );
};

const guard = (connection: EngineConnection): Intake => {
  const [parse] = connection.listeners('data') as ((frame: Frame) => void)[];
  const deliver = (frame: Frame): void => {
    if (connection.readyState === 'open') parse?.(frame);
  };
  const shares = { stranger: shareOfStranger(), sender: shareOfSender() };
  const intake = new Intake(connection, deliver, new Allowance(STRANGER), new Allowance(CONNECTS), shares);
  intakes.set(connection, intake);
  connection.removeAllListeners('data');
  const end = (): void => endConnection(connection);
  const upgraded = (transport: EngineTransport): void => {
    watchPings(transport, intake);
    readMessages(transport, intake, shares.sender);
    intake.upgraded();
    if (intake.hasSender) noteShownKey(tcpOf(transport));
  };
  // Engine.IO hands on an empty message as undefined. No packet of Socket.IO is empty.
  const take = (frame?: Frame): void => (frame === undefined ? end() : intake.receive(frame));
  connection.on('data', ENGINE.guard(take, end));
  connection.on(
    'packet',
    ENGINE.guard(({ type }: { type: string }) => {
      if (IDLE_PACKETS.has(type)) intake.heartbeat();
    }, end),
  );
  connection.on(
    'heartbeat',
    ENGINE.guard(() => intake.heartbeat(), end),
  );
  connection.on('upgrade', ENGINE.guard(upgraded, end));
  connection.once(
    'close',
    ENGINE.guard(() => intake.end()),
  );
  countPolls(connection, ENGINE);
  watchPings(connection.transport, intake);
  mindPolls(connection, () => intake.hasSender);
  gatherWrites(connection);
  readMessages(connection.transport, intake, shares.sender);
  readPayloads(connection, intake, shares.sender);
  return intake;
};

/** Counts a WebSocket's own pings and pongs like any heartbeat. `ws` itself answers and takes them. */
const watchPings = ({ socket }: EngineTransport, intake: Intake): void => {
  for (const beat of ['ping', 'pong'])
    socket?.on(
      beat,
      ENGINE.guard(() => intake.heartbeat()),
    );
};

const readPayloads = (connection: EngineConnection, intake: Intake, share: TurnShare): void => {
  const { transport } = connection;
  if (transport.name !== 'polling') return;
  const end = (): void => endWithWord(connection, intake, TOO_MUCH);
  const judge: PayloadJudge = {
    get wasLetIn() {
      return intake.wasLetIn;
    },
    get isOver() {
      return connection.readyState !== 'open' || intake.isEnded;
    },
    get most() {
      return intake.hasSender
        ? { packet: FRAME_BYTES, payload: MOST_BYTES, packets: Infinity }
        : { packet: FRAME_BYTES, payload: FRAME_BYTES, packets: STRANGER.burst };
    },
    callWhenReadable: (call) => {
      if (share.take()) return intake.callWhenReadable(call);
      share.wait(
        () => void (intake.callWhenReadable(call) || end()),
        () => endConnection(connection),
      );
      return true;
    },
    end,
  };
  readAsItComes(transport, judge, ENGINE);
};

const TOO_MUCH = `More than ${MOST_BYTES} bytes were sent at once; a message may have ${LIMITS.messageBytes}`;

/** Ends a connection, and tells those who were let in on it why. */
const endWithWord = (connection: EngineConnection, intake: Intake, word: string): void => {
  intake.explain(word);
  endConnection(connection, !intake.wasLetIn);
};

/**
 * Goes on reading a WebSocket past a bad message where the sender can be told. Where that is not possible, says why the
 * connection ends.
 */
const readMessages = ({ socket }: EngineTransport, intake: Intake, share: TurnShare): void => {
  if (!socket) return;
  readOn(socket, FRAME_BYTES, share);
  if (intake.hasSender) boundMessages(socket, MOST_BYTES);
  beforeBreak(
    socket,
    ENGINE.guard(({ code }) =>
      intake.explain(
        code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? TOO_MUCH : 'This breaks the WebSocket protocol',
      ),
    ),
  );
};

/** Ends a connection on which nobody tries to get in, or nobody is let in. */
const expectHandshake = (
  connection: EngineConnection,
  intake: Intake,
  strangers: Strangers,
  address: string,
): void => {
  const stranger = { end: () => endConnection(connection) };
  let cancel: Cancel | undefined;
  const within = (ms: number): void => {
    cancel?.();
    const end = ENGINE.guard(() => endConnection(connection));
    cancel = SYSTEM_CLOCK.after(ms, end, { unref: true });
  };
  const onTry = ENGINE.guard((frame: Frame) => {
    if (typeof frame === 'string' && frame.startsWith('0')) within(UNDECIDED_MS);
  });
  const onSaid = ENGINE.guard(({ data }: { data?: unknown }) => {
    if (typeof data === 'string' && data.startsWith(CONNECT_ERROR)) within(SILENT_MS);
  });
  const watch = (): void => {
    if (!strangers.arrive(address, stranger)) {
      stranger.end();
      return;
    }
    within(SILENT_MS);
    connection.on('data', onTry);
    connection.on('packetCreate', onSaid);
  };
  const rest = (): void => {
    cancel?.();
    connection.off('data', onTry);
    connection.off('packetCreate', onSaid);
    strangers.leave(stranger);
    const { transport } = connection;
    noteShownKey(tcpOf(transport));
    if (transport.socket) boundMessages(transport.socket, MOST_BYTES);
  };
  intake.onFirst = rest;
  intake.onLast = watch;
  const closed = (): void => {
    cancel?.();
    strangers.leave(stranger);
  };
  connection.once('close', ENGINE.guard(closed));
  watch();
};

/** Makes the next payload of a polling client wait, unread, until the connection may be read again. */
const holdBack = (engine: Engine, request: Request, response: ServerResponse, next: () => void): void => {
  const connection = clientOf(engine, request);
  const intake = connection && intakeOf(connection);
  if (intake?.hasSender) noteShownKey(request.socket);
  if (!connection && isForSession(request)) {
    // Nobody reads this payload. The client learns from its poll that the session is gone. It gets a 200 here because
    // python-engineio never comes back after a refused POST.
    response.writeHead(200, { 'content-type': 'text/html', connection: 'close' }).end('ok');
    return;
  }
  if (!connection || !intake || request.method !== 'POST') {
    next();
    return;
  }
  if (!intake.hasSender && Number(request.headers['content-length'] ?? 0) > FRAME_BYTES) {
    response.writeHead(413, { connection: 'close' }).end();
    endWithWord(connection, intake, TOO_MUCH);
    return;
  }
  const isFirst = intake.callWhenReadable(() => {
    if (!request.destroyed) next();
  });
  if (!isFirst) {
    response.writeHead(429, { connection: 'close' }).end();
    endConnection(connection);
  }
};

const isForSession = ({ method, _query: query }: Request): boolean =>
  method === 'POST' && query?.['sid'] !== undefined && query['transport'] === 'polling';

const clientOf = (engine: Engine, { _query: query }: Request): EngineConnection | undefined => {
  const sid = query?.['sid'];
  return sid !== undefined && Object.hasOwn(engine.clients, sid) ? engine.clients[sid] : undefined;
};
