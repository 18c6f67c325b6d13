import { randomUUID } from 'node:crypto';
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { gossipCall, storeCalls } from '#test/support/local-user/store-attempts.js';
import { newEvent } from '#test/support/new-event.js';
import type { OddValues } from './odd-values.js';

/** The credentials with which a call is made. */
export type Access = 'none' | 'password' | 'wrong';

/** One call. Its body is sent unchanged, including the five bytes before each message, whether right or wrong. */
export type GrpcInput = Readonly<{ path: string; body: Buffer; headers: Readonly<Record<string, string>> }>;

/** Streams that nobody uses. Whoever has the password may write everywhere, but these inputs must not. */
const STREAMS = ['fuzz-1', 'fuzz-2', 'fuzz-3', '$$fuzz-1', 'fuzz-\u0000', `fuzz-${'x'.repeat(300)}`];

type Call = Readonly<{ path: string; body: Buffer }>;

const persistentCall = (method: string, message: { serializeBinary(): Uint8Array }): Call => ({
  path: `/event_store.client.persistent_subscriptions.PersistentSubscriptions/${method}`,
  body: Buffer.from(message.serializeBinary()),
});

const groupCalls = (stream: string): Call[] => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  const info = new persistent.GetInfoReq();
  const infoOptions = new persistent.GetInfoReq.Options();
  infoOptions.setStreamIdentifier(identifier);
  infoOptions.setGroupName('g');
  info.setOptions(infoOptions);
  const removal = new persistent.DeleteReq();
  const removalOptions = new persistent.DeleteReq.Options();
  removalOptions.setStreamIdentifier(identifier);
  removalOptions.setGroupName('g');
  removal.setOptions(removalOptions);
  const read = new persistent.ReadReq();
  const readOptions = new persistent.ReadReq.Options();
  readOptions.setStreamIdentifier(identifier);
  readOptions.setGroupName('g');
  readOptions.setBufferSize(10);
  const uuid = new persistent.ReadReq.Options.UUIDOption();
  uuid.setString(new empty.Empty());
  readOptions.setUuidOption(uuid);
  read.setOptions(readOptions);
  const replay = new persistent.ReplayParkedReq();
  const replayOptions = new persistent.ReplayParkedReq.Options();
  replayOptions.setStreamIdentifier(identifier);
  replayOptions.setGroupName('g');
  replayOptions.setNoLimit(new empty.Empty());
  replay.setOptions(replayOptions);
  return [
    persistentCall('GetInfo', info),
    persistentCall('Delete', removal),
    persistentCall('Read', read),
    persistentCall('ReplayParked', replay),
    // Its options have the same shape as far as these inputs use them.
    persistentCall('Create', info),
    persistentCall('Update', info),
  ];
};

const rightCalls = (stream: string): readonly Call[] => {
  const event = { ...newEvent(), eventId: randomUUID() };
  const calls = [...Object.values(storeCalls(stream, event)), gossipCall()];
  return [
    ...calls.map(({ path, body }) => ({ path, body: Buffer.from(body, 'base64') })),
    ...groupCalls(stream),
    {
      path: '/event_store.client.streams.Streams/Append',
      body: Buffer.from('0a0a120866757a7a2d312200', 'hex'),
    },
    {
      path: '/event_store.client.operations.Operations/StopScavenge',
      body: Buffer.from('0a030a0178', 'hex'),
    },
    { path: '/event_store.client.server_features.ServerFeatures/GetSupportedMethods', body: Buffer.alloc(0) },
  ];
};

const CALLS = STREAMS.map(rightCalls);

const PATHS = [
  '/',
  '',
  '/event_store.client.streams.Streams/',
  '/event_store.client.streams.Streams/__proto__',
  '/toString',
  '/grpc.health.v1.Health/Check',
  '/__proto__',
];

const framed = (message: Buffer, flag = 0, length = message.length): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
};

const bodyOf = (odd: OddValues, message: Buffer): Buffer => {
  const { random } = odd;
  const kind = random.next();
  if (kind < 0.55) return framed(odd.damagedBytes(message));
  if (kind < 0.65) return framed(odd.bytes(odd.integer(200)));
  if (kind < 0.75) return framed(message, random.pick([1, 2, 255]));
  if (kind < 0.85)
    return framed(message, 0, random.pick([message.length + 1, 0x7fffffff, 0xffffffff, 0, 5_000_000]));
  if (kind < 0.9) return Buffer.concat([framed(message), framed(odd.damagedBytes(message)), framed(message)]);
  if (kind < 0.95) return framed(message).subarray(0, odd.integer(5 + message.length));
  return framed(Buffer.alloc(odd.integer(30_000), odd.integer(256)));
};

/** Returns a call to the event store with something wrong in it. */
export const oddGrpcInput = (odd: OddValues): GrpcInput => {
  const { random } = odd;
  const call = random.pick(random.pick(CALLS));
  const headers: Record<string, string> = {};
  if (random.chance(0.1))
    headers['grpc-timeout'] = random.pick(['1n', '0S', '99999999H', '-1S', 'x', '50m', '999999999S']);
  if (random.chance(0.05)) headers['grpc-encoding'] = random.pick(['gzip', 'identity', 'x']);
  if (random.chance(0.05))
    headers['content-type'] = random.pick([
      'application/json',
      'application/grpcx',
      'text/plain',
      'application/grpc+proto',
    ]);
  if (random.chance(0.05)) headers['requires-leader'] = random.pick(['true', 'false', 'x']);
  if (random.chance(0.03)) headers['x-long'] = 'y'.repeat(odd.integer(20_000));
  return {
    path: random.chance(0.93) ? call.path : random.pick(PATHS),
    body: bodyOf(odd, call.body),
    headers,
  };
};

/** Types of frames (RFC 9113, section 6), and some numbers that are not types. */
const FRAME_TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x42, 0xff];

/** Returns one handmade HTTP/2 frame, with any type, flags, stream and content. Its length may be wrong. */
export const oddHttp2Frame = (odd: OddValues): Buffer => {
  const { random } = odd;
  const sizes: Readonly<Record<number, number>> = { 2: 5, 3: 4, 4: 6 * odd.integer(4), 6: 8, 8: 4 };
  const type = random.pick(FRAME_TYPES);
  const size = random.chance(0.6)
    ? (sizes[type] ?? odd.integer(40))
    : odd.integer(random.pick([4, 60, 20_000]));
  const content = random.chance(0.3) ? Buffer.alloc(size) : odd.bytes(size);
  const head = Buffer.alloc(9);
  const told = random.chance(0.9) ? content.length : random.pick([0, content.length + 1, 0xffffff]);
  head.writeUIntBE(told, 0, 3);
  head[3] = type;
  head[4] = random.pick([0, 1, 4, 5, 8, 0x20, 0x2d, 0xff]);
  head.writeUInt32BE(random.pick([0, 0, 1, 2, 3, 5, 0x7fffffff, 0xffffffff]), 5);
  return Buffer.concat([head, content]);
};
