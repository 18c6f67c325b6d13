import { WebSocket } from 'ws';
import { waitFor } from '#tools/harness/wait-for.js';

/** Speaks Engine.IO by hand over a connection, so that a test can send what no client would. */
export class RawConnection {
  /** Packets in the order in which they came, without heartbeats. */
  readonly received: string[] = [];
  closed = false;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const packet = data.toString();
      if (packet === '2') this.send('3');
      else this.received.push(isBinary ? `binary:${packet}` : packet);
    });
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  /** Opens a WebSocket. Resolves once Engine.IO has said hello. */
  static async open(url: string): Promise<RawConnection> {
    const target = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const connection = new RawConnection(new WebSocket(target));
    await connection.until('hello', (packet) => packet.startsWith('0'));
    return connection;
  }

  /** Sends each packet unchanged, at once. */
  send(...packets: readonly (string | Buffer)[]): void {
    for (const packet of packets) if (this.socket.readyState === WebSocket.OPEN) this.socket.send(packet);
  }

  /** Sends bytes as a text frame, even if they are not valid text. */
  sendText(bytes: Buffer): void {
    this.socket.send(bytes, { binary: false });
  }

  all(part: string): string[] {
    return this.received.filter((packet) => packet.includes(part));
  }

  async until(what: string, found: (packet: string) => boolean): Promise<string> {
    return waitFor(what, () => this.received.find(found), 10_000, 5);
  }

  /** Cuts the connection, as a killed process would. */
  cut(): void {
    this.socket.terminate();
  }
}

/** Speaks Engine.IO by hand over long polling, one request at a time. */
export class RawPolling {
  private constructor(
    private readonly target: string,
    /** Names its session. */
    readonly sid: string,
  ) {}

  static async open(url: string): Promise<RawPolling> {
    const target = `${url}/socket.io/?EIO=4&transport=polling`;
    const hello = await (await fetch(target)).text();
    const { sid } = JSON.parse(hello.slice(1)) as { sid: string };
    return new RawPolling(`${target}&sid=${sid}`, sid);
  }

  /** Waits until there are packets, and returns them. */
  async read(): Promise<string[]> {
    return (await (await fetch(this.target)).text()).split('\u001E');
  }

  /** Sends whatever it is given. @returns the status of the answer, or 0 if there is none */
  async post(payload: string | Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      return (await fetch(this.target, { method: 'POST', body: payload })).status;
    } catch {
      return 0;
    }
  }
}
