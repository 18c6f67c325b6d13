import { v7 as uuidv7 } from 'uuid';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { ClientProcess } from './client-process.js';
import type { ClientKind } from './client-process.js';

/** A client and its bot. */
export type Seat = Readonly<{ client: ClientProcess; bot: string; key: string }>;

export const CHANNEL = 'general';

/** How long a client may take to reconnect. Clients wait for up to 5 s between attempts, and machines may be busy. */
const BACK_MS = 60_000;

/** A system, a bot that posts, and clients that each run another bot. */
export class Stage {
  seats: readonly Seat[] = [];
  private registered: readonly Readonly<{ kind: ClientKind; bot: string; key: string }>[] = [];
  private number = 0;
  private last = -1;

  private constructor(
    public verbatim: Verbatim,
    private readonly speaker: string,
  ) {}

  static async set(verbatim: Verbatim): Promise<Stage> {
    const key = await verbatim.createBot('speaker');
    await verbatim.addMember(CHANNEL, 'speaker');
    return new Stage(verbatim, key);
  }

  /** Registers a bot for each of these kinds of clients. */
  async register(kinds: readonly ClientKind[]): Promise<void> {
    const registered = [];
    for (const kind of kinds) {
      const bot = `bot-${(this.number += 1)}`;
      const key = await this.verbatim.createBot(bot);
      await this.verbatim.addMember(CHANNEL, bot);
      registered.push({ kind, bot, key });
    }
    this.registered = registered;
  }

  /** The names of the registered bots. */
  get bots(): readonly string[] {
    return this.registered.map(({ bot }) => bot);
  }

  /** Starts the clients of the registered bots. */
  start(): void {
    const { url } = this.verbatim;
    this.seats = this.registered.map(({ kind, bot, key }) => ({
      client: new ClientProcess(kind, { url, key }),
      bot,
      key,
    }));
  }

  /** Resolves when all clients are live. @throws Error when one is not in time */
  async live(): Promise<void> {
    await Promise.all(this.seats.map(({ client }) => client.waitFor('caughtup', 1, BACK_MS)));
  }

  /** Posts messages. The last one is then the newest message of the channel. */
  async say(count = 1): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const post = { id: uuidv7(), channel: CHANNEL, body: `message ${index}` };
      const { status, body, text } = await this.verbatim.request('POST', '/v1/messages', post, this.speaker);
      if (status !== 201) throw new Error(`A post was answered with ${status} ${text}`);
      this.last = Math.max(this.last, body['seq'] as number);
    }
  }

  /** Resolves when a client has all messages. @throws Error when it does not have them in time, or has others */
  async level({ client }: Seat, since: number): Promise<void> {
    const what = `${client.kind.name} to have #${this.last}`;
    const seqsSince = (): number[] => client.seqsOf(CHANNEL).filter((seq) => seq > since);
    await waitFor(what, () => seqsSince().length >= this.last - since, BACK_MS);
    const seqs = seqsSince();
    const exact = seqs.every((seq, index) => seq === since + 1 + index);
    if (!exact)
      throw new Error(`${client.kind.name} got ${seqs.join(', ')}, from #${since + 1} to #${this.last}`);
  }

  get newest(): number {
    return this.last;
  }

  async clear(): Promise<void> {
    await Promise.all(this.seats.map(({ client }) => client.end()));
    this.seats = [];
  }
}
