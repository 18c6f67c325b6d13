import { PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { StreamWriter } from '#libs/event-store/stream-writer/stream-writer.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { Sessions } from '../sessions/sessions.js';
import { Broadcast } from '../socket/broadcast.js';

let log: TestLog;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  await gateway?.stop();
  await log?.stop();
});

/** A socket at the server. Socket.IO hands it each packet in the same tick in which the packet arrived. */
type ServerSocket = Readonly<{ _onpacket(packet: Packet): void }>;

type Request = [
  verb: string,
  payload: Readonly<{ id: string; channel: string; body?: string; target?: string }>,
];

/** Returns the server's end of a bot's only connection. */
const socketOf = (bot: string): ServerSocket => {
  const [session] = gateway.app.get(Sessions, { strict: false }).sessionsOf(bot);
  return Reflect.get(session!, 'socket') as ServerSocket;
};

it('hands each request of a connection to its channel’s writer before the next packet is looked at', async () => {
  const channels = ['red', 'green'];
  for (const channel of channels) await gateway.channel(channel);
  const bot = await TestBot.connect(gateway.url, { key: await gateway.bot('ada') });
  for (const channel of channels) await bot.must('join', { channel });
  const target = uuidv7();
  await bot.must('post', { id: target, channel: 'red', body: 'to be changed' });

  const changed = { channel: 'red', target };
  const written: string[] = [];
  const submit = Reflect.get(StreamWriter.prototype, 'submit') as (...args: unknown[]) => Promise<unknown>;
  vi.spyOn(StreamWriter.prototype, 'submit').mockImplementation(function (this: unknown, command) {
    written.push((command as ConversationCommand).id);
    return Reflect.apply(submit, this, [command]);
  });
  const answers = new Map<number, object>();
  vi.spyOn(Broadcast.prototype, 'sendAnswer').mockImplementation((_socket, id, answer) => {
    answers.set(id, answer);
  });
  const socket = socketOf('ada');
  const sent = Array.from({ length: 30 }, (_, index): Request => {
    const [id, channel] = [uuidv7(), channels[index % 2]!];
    if (index % 3 === 0) return ['edit', { id, ...changed, body: `take ${index}` }];
    if (index === 29) return ['redact', { id, ...changed }];
    return ['post', { id, channel, body: `message ${index}` }];
  });
  for (const [index, [verb, request]] of sent.entries()) {
    socket['_onpacket']({ type: PacketType.EVENT, nsp: '/bots', id: index, data: [verb, request] });
    // This must not wait for a turn of the event loop or for a promise, because another packet may arrive at any moment.
    expect(written).toEqual(sent.slice(0, index + 1).map(([, { id }]) => id));
  }
  await waitFor('all answers', () => answers.size === sent.length);
  for (const answer of answers.values()) expect(answer).toMatchObject({ ok: true });
  bot.close();
});
