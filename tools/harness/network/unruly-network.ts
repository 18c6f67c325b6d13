import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Random } from '../random.js';

export type End = 'bot' | 'server';

/** A network between bots and servers that can cut, delay, lose and half-close connections on demand. */
export class UnrulyNetwork {
  private readonly links = new Set<Link>();
  private delayMs = 0;
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly random: Random,
  ) {}

  /** Accepts connections on its own port and forwards them to another local port, or to wherever `to` connects. */
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

  /** Delays everything from now on by this time; 0 ends the delay. */
  delay(byMs: number): void {
    this.delayMs = byMs;
  }

  /** Half-closes a share of the connections. @returns a function that cuts those connections */
  halfClose(share: number, towards: End): () => void {
    return this.spoil(share, (link) => link.endLink(towards));
  }

  /** Loses everything towards one end on a share of the connections. @returns a function that cuts them */
  mute(share: number, towards: End): () => void {
    return this.spoil(share, (link) => link.mute(towards));
  }

  /** Becomes a black hole, for new connections too: nothing gets through, and no end learns that anything was closed. */
  goSilent(): void {
    this.isSilent = true;
    for (const link of this.links) link.goSilent();
  }

  /** Does {@link goSilent} for the existing connections in one direction; the other direction goes on. */
  loseAll(towards: End): void {
    for (const link of this.links) link.goSilent(towards);
  }

  /** Stops reading from the existing connections: data fills the buffers on the way, and then waits. */
  stall(): void {
    for (const link of this.links) link.stall();
  }

  /**
   * Ends {@link goSilent}. Existing connections are reset, as routers would reset connections that they have forgotten.
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

/** One connection between a bot and a server. */
class Link {
  /** The port the bot connected from. */
  readonly port: number;
  /** Number of bytes passed on from the bot to the server. */
  carried = 0;
  private readonly muted = new Set<End>();
  /** The ends that no longer learn anything, not even that the other end has closed. */
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

  /** Resets both ends, as if a cable was pulled and both noticed at once. */
  cut(): void {
    reset(this.bot);
    reset(this.server);
    this.onGone();
  }

  /** Lets nothing through towards these ends (both by default), not even the news that the other end has closed. */
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

  endLink(towards: End): void {
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

/** Resets a socket. A TLS socket is only destroyed, because it has no reset of its own. */
const reset = (socket: Socket): void => {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
};

/** Runs actions after a delay, always in the order they came, even if the delay changes. */
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
