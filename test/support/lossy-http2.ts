import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const FRAME = { data: 0, headers: 1, reset: 3, continuation: 9 } as const;
/** Frames that belong to a call, as opposed to the connection. */
const OF_CALLS = new Set<number>(Object.values(FRAME));

type Frame = Readonly<{ type: number; call: number; bytes: Buffer }>;

/**
 * A relay to a server that speaks HTTP/2 without TLS. It can lose what the server sends over some calls, or over whole
 * connections, while the connections live on: pings are answered, and what clients send arrives.
 */
export class LossyHttp2 {
  private readonly links = new Set<Link>();
  private accepted = 0;

  private constructor(
    private readonly server: Server,
    to: number,
  ) {
    server.on('connection', (client) => {
      this.accepted += 1;
      const link = new Link(client, connect(to, '127.0.0.1'), () => this.links.delete(link));
      this.links.add(link);
    });
  }

  static async open(to: number): Promise<LossyHttp2> {
    const server = createServer();
    const relay = new LossyHttp2(server, to);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Number of connections that have come so far. */
  get connections(): number {
    return this.accepted;
  }

  /** Number of connections that are open. */
  get openConnections(): number {
    return this.links.size;
  }

  /** Loses the messages that the server sends over the calls made so far. Later calls are not affected. */
  loseCallsSoFar(): void {
    for (const link of this.links) link.lostCalls = link.newestCall;
  }

  /** Loses everything that the server sends over any call of the present connections. */
  loseConnections(): void {
    for (const link of this.links) link.isLost = true;
  }

  async close(): Promise<void> {
    for (const link of this.links) link.end();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** One connection. */
class Link {
  /** Number of the newest call that the client has made. */
  newestCall = 0;
  /** Calls up to this number get no messages. */
  lostCalls = 0;
  isLost = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    onGone: () => void,
  ) {
    const asked = new Frames(PREFACE_BYTES, ({ type, call }) => {
      if (type === FRAME.headers) this.newestCall = Math.max(this.newestCall, call);
    });
    client.on('data', (chunk) => {
      asked.take(chunk);
      server.write(chunk);
    });
    const answered = new Frames(0, (frame) => {
      if (!this.loses(frame) && !client.destroyed) client.write(frame.bytes);
    });
    server.on('data', (chunk) => answered.take(chunk));
    for (const end of [client, server])
      end
        .on('error', () => undefined)
        .on('close', () => {
          this.end();
          onGone();
        });
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  private loses({ type, call }: Frame): boolean {
    if (this.isLost) return OF_CALLS.has(type);
    return type === FRAME.data && call <= this.lostCalls;
  }
}

/** Cuts bytes into frames (RFC 9113, section 4.1). */
class Frames {
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    /** Bytes before the first frame. */
    private skip: number,
    private readonly onFrame: (frame: Frame) => void,
  ) {}

  take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    if (this.rest.length < this.skip) return;
    this.rest = this.rest.subarray(this.skip);
    this.skip = 0;
    while (this.rest.length >= HEAD_BYTES) {
      const size = HEAD_BYTES + this.rest.readUIntBE(0, 3);
      if (this.rest.length < size) return;
      const bytes = this.rest.subarray(0, size);
      this.onFrame({ type: bytes[3]!, call: bytes.readUInt32BE(5) & 0x7fff_ffff, bytes });
      this.rest = this.rest.subarray(size);
    }
  }
}
