import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Random } from '../random.js';
import type { End } from './fault-plan.js';

/** A network between bots and servers that does as it is told: it cuts, delays, loses and half-closes. */
export class UnrulyNetwork {
  private readonly links = new Set<Link>();
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly random: Random,
  ) {}

  /** Takes connections on a port of its own and passes them on to another one. */
  static async open(toPort: number, random: Random): Promise<UnrulyNetwork> {
    const server = createServer({ allowHalfOpen: true });
    const network = new UnrulyNetwork(server, random);
    server.on('connection', (bot) => network.accept(bot, toPort));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(share: number): void {
    for (const link of this.some(share)) link.cut();
  }

  /** From now on everything takes so much longer; 0 for no longer. */
  delay(byMs: number): void {
    this.delayMs = byMs;
  }

  /** @returns a function that breaks the links this was done to */
  halfClose(share: number, towards: End): () => void {
    return this.spoil(share, (link) => link.end(towards));
  }

  /** @returns a function that breaks the links this was done to */
  mute(share: number, towards: End): () => void {
    return this.spoil(share, (link) => link.mute(towards));
  }

  async close(): Promise<void> {
    this.cut(1);
    this.server.close();
    await once(this.server, 'close');
  }

  private spoil(share: number, how: (link: Link) => void): () => void {
    const spoiled = this.some(share);
    for (const link of spoiled) how(link);
    return () => {
      for (const link of spoiled) link.cut();
    };
  }

  private some(share: number): Link[] {
    const links = this.random.shuffled([...this.links]);
    return links.slice(0, Math.ceil(links.length * share));
  }

  private accept(bot: Socket, toPort: number): void {
    const server = connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true });
    const link = new Link(
      bot,
      server,
      () => this.delayMs,
      () => this.links.delete(link),
    );
    this.links.add(link);
  }
}

/** One connection from end to end. */
class Link {
  private readonly muted = new Set<End>();

  constructor(
    private readonly bot: Socket,
    private readonly server: Socket,
    delayMs: () => number,
    private readonly onGone: () => void,
  ) {
    this.pass(bot, server, 'server', delayMs);
    this.pass(server, bot, 'bot', delayMs);
  }

  /** As when a cable is pulled and both ends notice at once: a reset. */
  cut(): void {
    this.bot.resetAndDestroy();
    this.server.resetAndDestroy();
    this.onGone();
  }

  mute(towards: End): void {
    this.muted.add(towards);
  }

  end(towards: End): void {
    this.mute(towards);
    (towards === 'bot' ? this.bot : this.server).end();
  }

  private pass(from: Socket, to: Socket, towards: End, delayMs: () => number): void {
    const { later } = new DelayLine(delayMs);
    from.on('data', (chunk) =>
      later(() => {
        if (this.muted.has(towards) || to.destroyed || to.writableEnded) return;
        if (!to.write(chunk) && !from.destroyed) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      }),
    );
    from.on('end', () => later(() => !to.destroyed && to.end()));
    from.on('error', () => this.cut());
    from.on('close', () => later(() => this.cut()));
  }
}

/** Does things later, in the order they came, whatever the delay was when each did. */
class DelayLine {
  private readonly waiting: { due: number; act: () => void }[] = [];

  constructor(private readonly delayMs: () => number) {}

  readonly later = (act: () => void): void => {
    const delay = this.delayMs();
    if (delay === 0 && this.waiting.length === 0) {
      act();
      return;
    }
    this.waiting.push({ due: performance.now() + delay, act });
    if (this.waiting.length === 1) this.wait();
  };

  private wait(): void {
    setTimeout(
      () => {
        this.waiting.shift()!.act();
        if (this.waiting.length > 0) this.wait();
      },
      Math.max(0, this.waiting[0]!.due - performance.now()),
    );
  }
}
