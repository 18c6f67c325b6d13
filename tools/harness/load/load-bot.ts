import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import type { Tally } from './tally.js';

type Message = Readonly<{ channel: string; seq: number; data: { sentAt: number } }>;
type Reply = Readonly<{ ok: boolean; error?: { code: string } }>;

/** One bot in one channel. Sender and receivers share a process, and so a clock. */
export class LoadBot {
  private readonly socket: Socket;
  private last: number | undefined;
  private readonly body: string;

  constructor(
    url: string,
    auth: object,
    private readonly channel: string,
    bodyBytes: number,
    private readonly tally: Tally,
  ) {
    this.body = 'x'.repeat(bodyBytes);
    this.socket = io(`${url}/bots`, {
      auth: auth as Record<string, unknown>,
      transports: ['websocket'],
      forceNew: true,
    });
    this.socket.on('message', (message: Message) => this.receive(message));
    this.socket.on('backlog', ({ messages }: { messages: Message[] }, acknowledge: () => void) => {
      for (const message of messages) this.receive(message);
      acknowledge();
    });
    this.socket.on('disconnect', () => this.tally.disconnected());
  }

  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('ready', () => resolve());
      this.socket.once('connect_error', reject);
    });
  }

  post(settled?: () => void): void {
    const sentAt = performance.now();
    this.tally.sent(sentAt);
    const post = { id: uuidv7(), channel: this.channel, body: this.body, data: { sentAt } };
    this.socket.emit('post', post, ({ ok, error }: Reply) => {
      if (ok) this.tally.acknowledged(sentAt, performance.now());
      else this.tally.refused(error?.code ?? 'unknown');
      settled?.();
    });
  }

  close(): void {
    this.socket.off('disconnect');
    this.socket.disconnect();
  }

  private receive({ seq, data }: Message): void {
    this.tally.delivered(data.sentAt, performance.now());
    if (this.last !== undefined && seq <= this.last) this.tally.repeated();
    else if (this.last !== undefined && seq > this.last + 1) this.tally.skipped(seq - this.last - 1);
    this.last = Math.max(seq, this.last ?? seq);
  }
}
