import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Sent } from './silent-peer.js';
import { waitFor } from '#tools/harness/wait-for.js';

const TEXT = 0x81;
const MASKED = 0x80;
/** Marks a length of two bytes, which follow it (RFC 6455, 5.2). */
const LONG = 126;

/** A TCP connection on which a WebSocket or a request is written by hand, and may be left half written. */
export class HandMadeSocket {
  private heard = '';

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => (this.heard += data.toString('latin1'))).on('error', () => undefined);
  }

  get sent(): Sent {
    return { port: this.socket.localPort!, bytes: this.socket.bytesWritten };
  }

  /** Opens a WebSocket to Socket.IO. @param transport the transport, and any parameters of the query after it */
  static async open(url: string, transport = 'websocket'): Promise<HandMadeSocket> {
    const socket = await HandMadeSocket.ask(url, `/socket.io/?EIO=4&transport=${transport}`);
    await socket.until('101 Switching');
    return socket;
  }

  /** Asks for a WebSocket, without waiting for the answer. */
  static async ask(url: string, path: string): Promise<HandMadeSocket> {
    const socket = await HandMadeSocket.connect(url);
    socket.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    return socket;
  }

  /** Announces a body of 1,000 bytes, and sends a few of them. */
  static async sendHalfPost(url: string, path: string, key?: string): Promise<HandMadeSocket> {
    const socket = await HandMadeSocket.connect(url);
    const [type, access] =
      key === undefined ? ['text/plain', ''] : ['application/json', `Authorization: Bearer ${key}\r\n`];
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${access}Content-Length: 1000\r\n\r\n`;
    socket.socket.write(`${head}{"id":`);
    return socket;
  }

  static async connect(url: string): Promise<HandMadeSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new HandMadeSocket(socket);
  }

  /** Resolves when this text has been received. */
  async until(part: string): Promise<void> {
    await waitFor(part, () => this.heard.includes(part), 10_000, 5);
  }

  send(text: string): void {
    this.socket.write(frame(text));
  }

  /** Sends the first half of the bytes of a frame. */
  sendHalf(text: string): void {
    const whole = frame(text);
    this.socket.write(whole.subarray(0, whole.length / 2));
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Returns a masked text frame of less than 64 KiB. */
const frame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const { length } = payload;
  const mask = randomBytes(4);
  const size = length < LONG ? [MASKED | length] : [MASKED | LONG, length >> 8, length & 255];
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([TEXT, ...size]), mask, masked]);
};
