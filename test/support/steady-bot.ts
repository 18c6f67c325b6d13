import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { waitFor } from '#tools/harness/wait-for.js';
import type { Message } from '#libs/protocol/message.js';

let number = 0;

/**
 * A bot as the documents describe it: it reconnects by itself after its last message, and repeats what got no answer.
 */
export class Steady {
  readonly tag = `steady-${(number += 1)}`;
  /** Seqs as received, from the backlog and live. */
  readonly seqs: number[] = [];
  readonly bodies: string[] = [];
  readonly posted: string[] = [];
  /** How many connections ended, and how many requests were answered with an error. */
  cuts = 0;
  refusals = 0;
  private caughtUp = false;
  private readonly socket: Socket;

  constructor(
    url: string,
    key: string,
    private readonly channel: string,
  ) {
    const resume = (): object => ({ [channel]: this.seqs.at(-1) ?? -1 });
    this.socket = io(`${url}/bots`, {
      auth: (give) => give({ key, resume: resume() }),
      transports: ['websocket'],
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      forceNew: true,
    });
    this.socket.on('backlog', ({ messages }: { messages: Message[] }, acknowledge: () => void) => {
      messages.forEach((message) => this.take(message));
      acknowledge();
    });
    this.socket.on('message', (message: Message) => this.take(message));
    this.socket.on('caughtup', () => (this.caughtUp = true));
    this.socket.on('disconnect', () => {
      this.cuts += 1;
      this.caughtUp = false;
    });
  }

  live(): Promise<unknown> {
    return waitFor('the bot to be live', () => this.caughtUp, 10_000, 5);
  }

  /** Posts until the post is accepted, each time under the same id. */
  async post(what: string): Promise<void> {
    const body = `${this.tag} ${what}`;
    const message = { id: uuidv7(), channel: this.channel, body };
    await waitFor(`"${body}" to be accepted`, () => this.isAccepted(message), 15_000, 20);
    this.posted.push(body);
  }

  close(): void {
    this.socket.disconnect();
  }

  private async isAccepted(message: object): Promise<boolean> {
    if (!this.socket.connected) return false;
    try {
      const { ok } = (await this.socket.timeout(2_000).emitWithAck('post', message)) as { ok: boolean };
      if (!ok) this.refusals += 1;
      return ok;
    } catch {
      return false; // the connection ended before the answer came, and is counted as a cut
    }
  }

  private take({ seq, body }: Message): void {
    this.seqs.push(seq);
    this.bodies.push(body);
  }
}
