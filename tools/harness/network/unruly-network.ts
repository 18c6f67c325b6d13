import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Random } from '../random.js';

export type End = 'bot' | 'server';

/** A network between bots and servers that does as it is told: it cuts, delays, loses and half-closes. */
export class UnrulyNetwork {
  private readonly links = new Set<Link>();
  private delayMs = 0;
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly random: Random,
  ) {}

  /** Takes connections on a port of its own and passes them on, to another port here or to wherever `to` connects. */
  static async open(to: number | (() => Socket), random: Random): Promise<UnrulyNetwork> {
    const server = createServer({ allowHalfOpen: true });
    const network = new UnrulyNetwork(server, random);
    const dial =
      typeof to === 'number' ? () => connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }) : to;
    server.on('connection', (bot) => network.accept(bot, dial));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** With which it has come to the server so far. */
  readonly portsAtServer = new Set<number>();

  /** How many bytes it has carried to the server from the bot that came from this port. */
  carriedFrom(port: number): number {
    for (const link of this.links) if (link.port === port) return link.carried;
    return 0;
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

  /** A black hole, also for connections to come: nothing gets through, and nobody hears that anything was closed. */
  goSilent(): void {
    this.isSilent = true;
    for (const link of this.links) link.goSilent();
  }

  /** As {@link goSilent} for what there is now, of what goes one way: the other way goes on. */
  loseAll(towards: End): void {
    for (const link of this.links) link.goSilent(towards);
  }

  /** Reads nothing more of what there is now: what is sent fills the memory of the machines on the way, and then waits. */
  stall(): void {
    for (const link of this.links) link.stall();
  }

  /**
   * The end of {@link goSilent}. Connections that saw the silence are reset, as by machines on the way that have
   * forgotten them.
   */
  speakAgain(): void {
    this.isSilent = false;
    this.cut(1);
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

  private accept(bot: Socket, dial: () => Socket): void {
    const server = dial();
    server.once('connect', () => this.portsAtServer.add(server.localPort!));
    const link = new Link(
      bot,
      server,
      () => this.delayMs,
      () => this.links.delete(link),
    );
    this.links.add(link);
    if (this.isSilent) link.goSilent();
  }
}

/** One connection from end to end. */
class Link {
  /** From which the bot came, and how many bytes of its have gone to the server. */
  readonly port: number;
  carried = 0;
  private readonly muted = new Set<End>();
  /** Towards whom nothing is said any more, not even that the other end has closed. */
  private readonly silent = new Set<End>();

  constructor(
    private readonly bot: Socket,
    private readonly server: Socket,
    delayMs: () => number,
    private readonly onGone: () => void,
  ) {
    this.port = bot.remotePort!;
    this.pass(bot, server, 'server', delayMs);
    this.pass(server, bot, 'bot', delayMs);
  }

  /** As when a cable is pulled and both ends notice at once: a reset. */
  cut(): void {
    reset(this.bot);
    reset(this.server);
    this.onGone();
  }

  /** Nothing gets through any more, not even that one end has closed. */
  goSilent(...towards: readonly End[]): void {
    for (const end of towards.length > 0 ? towards : (['bot', 'server'] as const)) {
      this.silent.add(end);
      this.mute(end);
    }
  }

  stall(): void {
    this.goSilent();
    this.bot.pause();
    this.server.pause();
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
    const isHeard = (): boolean => !this.silent.has(towards);
    from.on('data', (chunk: Buffer) =>
      later(() => {
        if (this.muted.has(towards) || to.destroyed || to.writableEnded) return;
        if (towards === 'server') this.carried += chunk.length;
        if (!to.write(chunk) && !from.destroyed) {
          from.pause();
          to.once('drain', () => isHeard() && from.resume());
        }
      }),
    );
    from.on('end', () => later(() => isHeard() && !to.destroyed && to.end()));
    from.on('error', () => isHeard() && this.cut());
    from.on('close', () => later(() => isHeard() && this.cut()));
  }
}

/** TLS has no reset of its own. */
const reset = (socket: Socket): void => {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
};

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
