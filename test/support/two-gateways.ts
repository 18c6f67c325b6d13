import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Answer } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';
import { forge, forgedEvent } from './forge.js';
import { startTestGateway, startTestLog } from './gateway-app.js';
import type { TestGateway, TestLog } from './gateway-app.js';
import { sequence } from './sequence.js';

const RATE = { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' };
export const WHY = 'appended by a script';

/** Returns a message of the bot `ada` as it lies in the log. */
export const posted = (channel: string, over: object = {}): Json => ({
  id: uuidv7(),
  channel,
  bot: 'ada',
  body: 'b',
  ...over,
});

/** Returns the seqs of a channel that a bot received, in order: messages, and set-aside ones with a `-` in front. */
export const told = (bot: TestBot, channel: string): string[] =>
  bot.received.flatMap(({ event, payload }) => {
    if (payload['channel'] !== channel) return [];
    if (event === 'backlog') return (payload['messages'] as Message[]).map(({ seq }) => `${seq}`);
    if (event === 'message') return [`${payload['seq'] as number}`];
    if (event !== 'skipped' || payload['reason'] !== 'set_aside') return [];
    return sequence(payload['from'] as number, payload['to'] as number).map((seq) => `-${seq}`);
  });

/** Returns the codes of the notices that the bot received about a channel. */
export const notices = (bot: TestBot, channel: string): unknown[] =>
  bot
    .all('notice')
    .filter((notice) => notice['channel'] === channel)
    .map(({ code }) => code);

/** Two gateways on one log, with a bot `ada`, an admin, and an outsider who writes into the log by other means. */
export class TwoGateways {
  gateways: TestGateway[] = [];
  key = '';
  admin = '';
  private channels = 0;

  private constructor(
    readonly log: TestLog,
    readonly outsider: EventStore,
  ) {}

  static async start(): Promise<TwoGateways> {
    const log = await startTestLog();
    const two = new TwoGateways(log, new EventStore({ connectionString: log.connectionString }));
    await two.startGateways();
    two.key = await two.gateways[0]!.bot('ada');
    two.admin = await two.gateways[0]!.operator('admin');
    return two;
  }

  async restart(): Promise<void> {
    await this.stopGateways();
    await this.startGateways();
  }

  async remove(): Promise<void> {
    await this.stopGateways();
    await this.outsider.close();
    await this.log.stop();
  }

  get adminKeyId(): string {
    return this.admin.split('.')[1]!;
  }

  api(gateway = this.gateways[0]!): VerbatimApi {
    return new VerbatimApi(gateway.url, this.admin);
  }

  setAside(stream: string, revision: number, gateway = this.gateways[0]!): Promise<Answer> {
    return this.api(gateway).request('POST', '/v1/damaged', { stream, revision, reason: WHY });
  }

  async listed(gateway = this.gateways[0]!): Promise<Record<string, unknown>[]> {
    const { body } = await this.api(gateway).request('GET', '/v1/damaged');
    return body['items'] as Record<string, unknown>[];
  }

  /** Returns what health says about events. */
  named(gateway = this.gateways[0]!): string {
    return gateway.app.get(HealthRegistry).report().components['events']?.detail ?? '';
  }

  /** Makes a new channel of ada's with this many messages. */
  async scene(messages = 2): Promise<string> {
    const channel = `room-${(this.channels += 1)}`;
    await this.gateways[0]!.channel(channel);
    await this.gateways[0]!.member(channel, 'ada');
    for (let count = 0; count < messages; count += 1) await this.good(channel);
    return channel;
  }

  bad(channel: string): Promise<AppendResult> {
    return forge(this.outsider, `messages-${channel}`, 'MessagePosted', null);
  }

  good(channel: string): Promise<AppendResult> {
    return forge(this.outsider, `messages-${channel}`, 'MessagePosted', posted(channel));
  }

  /** Appends more than a feed reads when it is opened, in one append. */
  async post300(channel: string): Promise<void> {
    const events = Array.from({ length: 300 }, () => forgedEvent('MessagePosted', posted(channel)));
    await this.outsider.append(`messages-${channel}`, events, 'any');
  }

  connect(gateway: TestGateway, auth: object = {}): Promise<TestBot> {
    return TestBot.connect(gateway.url, { key: this.key, consumer: `c-${uuidv7()}`, ...auth });
  }

  /** Resolves with everything that a bot receives from a channel when it starts with nothing. */
  async fromStart(gateway: TestGateway, channel: string): Promise<string[]> {
    const bot = await this.connect(gateway, { resume: { [channel]: -1 } });
    await bot.untilCaughtUp(channel);
    bot.close();
    return told(bot, channel);
  }

  /** Resolves with the code with which a post is answered. */
  async post(gateway: TestGateway, channel: string): Promise<string> {
    const bot = await this.connect(gateway);
    const { ok, error } = await bot.request('post', { id: uuidv7(), channel, body: 'more' });
    bot.close();
    return ok ? 'ok' : error!.code;
  }

  /** Resolves when no gateway accepts posts to the channel any more. */
  async stopped(channel: string): Promise<void> {
    for (const gateway of this.gateways) {
      const bot = await this.connect(gateway);
      // Posting until it is refused would add messages until then.
      await waitFor('the notice', () => notices(bot, channel).includes('channel_damaged'));
      bot.close();
      const answer = await this.post(gateway, channel);
      if (answer !== 'channel_damaged') throw new Error(`A post to a stopped channel got ${answer}`);
    }
  }

  private async startGateways(): Promise<void> {
    this.gateways = [await startTestGateway(this.log, RATE), await startTestGateway(this.log, RATE)];
  }

  private async stopGateways(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }
}
