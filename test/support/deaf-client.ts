import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { waitFor } from '#tools/harness/wait-for.js';

const TEXT = 1;
const PING = 9;
const WRITE_EVERY_MS = 50;

/** Returns a masked WebSocket frame (RFC 6455, 5.2) of less than 64 KiB. */
const frame = (kind: number, text: string): Buffer => {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([0x80 | kind, ...length]), mask, masked]);
};

/**
 * Joins a namespace and reads nothing from then on. Nothing that the server sends reaches it, not even the close of the
 * connection. It notices that only when its own machine refuses what it keeps sending.
 */
export class DeafClient {
  /** When the connection was gone, in milliseconds on this process's clock. */
  readonly closed: Promise<number>;

  private constructor(private readonly socket: Socket) {
    const writing = setInterval(() => socket.write(frame(PING, '')), WRITE_EVERY_MS);
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        clearInterval(writing);
        resolve(performance.now());
      };
      socket.once('close', end).on('error', end);
    });
  }

  /** @throws Error when the server does not let it in */
  static async connect(url: string, namespace: string, key: string): Promise<DeafClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (data) => (heard += data.toString('latin1')));
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    await waitFor('hello', () => heard.includes('"sid"'));
    socket.write(frame(TEXT, `40/${namespace},${JSON.stringify({ key })}`));
    await waitFor(`the answer of /${namespace}`, () => heard.includes(`40/${namespace},{"sid"`));
    socket.removeAllListeners('data').pause();
    return new DeafClient(socket);
  }

  abandon(): void {
    this.socket.destroy();
  }
}
