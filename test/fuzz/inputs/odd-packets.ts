import type { OddValues } from './odd-values.js';
import { SCRATCH } from './scene.js';
import type { Scene } from './scene.js';

/** The content of one Engine.IO message. */
export type Frame = string | Buffer;

export type Who = 'nobody' | 'bot' | 'admin' | 'auditor';

/** The namespace that lets each of them in. */
export const HOME: Readonly<Record<Who, string>> = {
  nobody: '/bots',
  bot: '/bots',
  admin: '/admin',
  auditor: '/audit',
};

type Payload = Record<string, unknown>;

const REQUESTS: Readonly<Record<Who, readonly string[]>> = {
  nobody: ['post', 'who', 'history'],
  bot: ['post', 'edit', 'redact', 'ack', 'join', 'leave', 'history', 'who', 'signal'],
  admin: ['replay', 'stop', 'x'],
  auditor: ['replay', 'stop'],
};

const NAMESPACES = [
  '',
  '/',
  '/bots',
  '/admin',
  '/audit',
  '/__proto__',
  '/constructor',
  '/bots/',
  '/bots?x=1',
  '/../bots',
];
const IDS = ['', '0', '1', '2', '7', '99999999999999999999', '007'];
/** These are not acknowledgement ids, and end the connection. */
const WRONG_IDS = ['-1', '1e3', '٣'];
const RESERVED = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'error',
  'ready',
  'message',
];

/** Returns a correct payload for an event. */
const rightPayload = (odd: OddValues, event: string, scene: Scene): Payload => {
  const { random } = odd;
  const channel = random.pick([scene.channel, scene.channel, scene.closed, ...SCRATCH]);
  const id = odd.uuid(scene.epochMs);
  switch (event) {
    case 'post':
      return { id, channel, body: 'words', data: { n: 1 }, replyTo: id, correlationId: 'c' };
    case 'edit':
      return { id, channel, target: odd.uuid(scene.epochMs), body: 'other words' };
    case 'redact':
      return { id, channel, target: odd.uuid(scene.epochMs), reason: 'wrong' };
    case 'ack':
      return { [channel]: odd.integer(5) - 1 };
    case 'join':
      return { channel, from: random.pick(['now', 'start', 3]) };
    case 'history':
      return { channel, before: 20, limit: 2 };
    case 'signal':
      return { channel, type: 'typing', data: { on: true } };
    case 'replay':
      return { limit: 2, format: 'ndjson', direction: 'forwards', from: '2026-01-01T00:00:00Z', stream: 'x' };
    case 'stop':
      return { replay: 'r-1' };
    default:
      return { channel };
  }
};

/** Returns a payload with one to three mistakes, or something else altogether. */
const wrongPayload = (odd: OddValues, event: string, scene: Scene): unknown => {
  const { random } = odd;
  if (random.chance(0.15)) return odd.value();
  const payload = rightPayload(odd, event, scene);
  for (let wrongs = 1 + odd.integer(3); wrongs > 0; wrongs -= 1) {
    const fields = Object.keys(payload);
    const field = fields.length > 0 ? random.pick(fields) : 'channel';
    const kind = random.next();
    if (kind < 0.6) payload[field] = odd.value();
    else if (kind < 0.75) Reflect.deleteProperty(payload, field);
    else if (kind < 0.85) Object.assign(payload, odd.polluting());
    else payload[odd.string().slice(0, 100)] = odd.value();
  }
  return payload;
};

const idOf = ({ random }: OddValues): string =>
  random.chance(0.97) ? random.pick(IDS) : random.pick(WRONG_IDS);

const namespaceOf = (odd: OddValues, home: string): string =>
  odd.random.chance(0.97) ? home : odd.random.pick([...NAMESPACES, `/${odd.string().slice(0, 100)}`]);

const packet = (type: string, namespace: string, id: string, data: string): string =>
  `4${type}${namespace === '' || namespace === '/' ? '' : `${namespace},`}${id}${data}`;

const request = (odd: OddValues, who: Who, scene: Scene): string => {
  const { random } = odd;
  const event = random.pick(REQUESTS[who]);
  const name: unknown = random.chance(0.985) ? event : random.pick([...RESERVED, odd.value()]);
  const payload = wrongPayload(odd, event, scene);
  const args = random.chance(0.87)
    ? [name, payload]
    : random.pick([[name], [name, payload, odd.value(), payload], [name, null, [payload]]]);
  const data = random.chance(0.99)
    ? JSON.stringify(args)
    : JSON.stringify(random.pick([[], [payload, name], odd.value()]));
  const id = random.chance(0.85) ? String(odd.integer(1_000)) : idOf(odd);
  return packet('2', namespaceOf(odd, HOME[who]), id, data);
};

/** Returns a binary event with all or some of its attachments. */
const binaryRequest = (odd: OddValues, who: Who): Frame[] => {
  const { random } = odd;
  const count = random.chance(0.85) ? random.pick([1, 1, 2, 10]) : random.pick([11, 0, 999_999]);
  const placeholder = { _placeholder: true, num: random.pick([0, 0, 1, 7, -1, '0']) };
  const data = JSON.stringify([random.pick(REQUESTS[who]), { channel: placeholder, body: placeholder }]);
  const sent = random.chance(0.9) && count <= 10 ? count : odd.integer(2);
  const type = random.pick(['5', '5', '6']);
  return [
    packet(`${type}${count}-`, HOME[who], String(odd.integer(99)), data),
    ...Array.from({ length: sent }, () => odd.bytes(odd.integer(200))),
  ];
};

/** Returns an acknowledgement of something that was never asked, or was asked of others. */
const acknowledgement = (odd: OddValues, who: Who): string =>
  packet('3', namespaceOf(odd, HOME[who]), idOf(odd), JSON.stringify([odd.value()]));

const handshake = (odd: OddValues, who: Who, scene: Scene): string => {
  const { random } = odd;
  const keys = [
    scene.shared,
    scene.admin,
    scene.auditor,
    `${scene.shared}x`,
    odd.value(),
    random.pick(scene.bots).slice(0, -1),
  ];
  const auth: Payload = { key: random.pick(keys), consumer: 'c', resume: 'now', backlog: { maxCount: 1 } };
  const field = random.pick(['consumer', 'resume', 'backlog', 'key', 'more']);
  if (random.chance(0.8)) auth[field] = random.chance(0.5) ? odd.value() : { [scene.channel]: odd.value() };
  const data = random.chance(0.9) ? JSON.stringify(auth) : JSON.stringify(odd.value());
  return packet('0', namespaceOf(odd, HOME[who]), random.pick(['', '', '1']), data);
};

/** Returns a packet of Engine.IO itself, or something that is not a packet at all. */
const noPacket = (odd: OddValues): Frame => {
  const { random } = odd;
  if (random.chance(0.1)) return odd.bytes(odd.integer(random.pick([2, 50, 2_000])));
  const made = [
    '',
    '3',
    '3probe',
    '5',
    '6',
    '7',
    '9',
    '0{}',
    '2',
    '4',
    '4\u0000',
    '47',
    '49/bots,',
    '44/bots,{"message":"no"}',
  ];
  if (random.chance(0.05)) return `4${'x'.repeat(70_000)}`;
  return random.chance(0.8) ? random.pick(made) : odd.string();
};

const leave = (odd: OddValues, who: Who): string =>
  packet('1', namespaceOf(odd, HOME[who]), '', odd.random.pick(['', '', '{}', '"x"']));

/** Returns the next frame or frames of a connection. */
export const oddFrames = (odd: OddValues, who: Who, scene: Scene): Frame[] => {
  const kind = odd.random.next();
  if (who === 'nobody' && kind < 0.7) return [handshake(odd, who, scene)];
  // Frames that end a connection are rare, because each costs a new one, and there are more ways for a frame to be
  // wrong.
  if (kind < 0.84) return [request(odd, who, scene)];
  if (kind < 0.86) return [odd.damaged(request(odd, who, scene))];
  if (kind < 0.94) return [acknowledgement(odd, who)];
  if (kind < 0.955) return [handshake(odd, who, scene)];
  if (kind < 0.96) return [odd.damaged(handshake(odd, who, scene))];
  if (kind < 0.972) return binaryRequest(odd, who);
  if (kind < 0.977) return [leave(odd, who)];
  return [noPacket(odd)];
};
