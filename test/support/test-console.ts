import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { Changes, LiveList } from '#apps/admin/src/live/live-events.js';

type Notice = Readonly<{ code: string; message: string }>;
type ReadList = (path: string) => Promise<{ status: number; body: Record<string, unknown> }>;

/** A console on namespace `/admin`. It keeps what is pushed to it, and acknowledges unless it was told to hold. */
export class TestConsole {
  readonly pushes: Changes[] = [];
  readonly notices: Notice[] = [];
  readonly hellos: unknown[] = [];
  /** What its user sees: items by name, as read first and changed by pushes since. */
  readonly shown = { channels: new Map<string, object>(), bots: new Map<string, object>() };
  private held: (() => void)[] = [];
  private holding = false;
  private reading: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly socket: Socket,
    private readonly read: ReadList,
  ) {
    socket.on('ready', (hello: unknown) => void this.hellos.push(hello));
    socket.on('notice', (notice: Notice) => void this.notices.push(notice));
    socket.on('changes', (changes: Changes, acknowledge: () => void) => {
      this.pushes.push(changes);
      this.reading = this.reading.then(() => this.take(changes));
      if (this.holding) this.held.push(acknowledge);
      else acknowledge();
    });
  }

  /** `read` asks the HTTP API, with a path below `/v1`. @throws the error with which the handshake was refused */
  static async connect(url: string, key: string | undefined, read: ReadList): Promise<TestConsole> {
    const socket = io(`${url}/admin`, { auth: { key }, transports: ['websocket'], reconnection: false });
    const console = new TestConsole(socket, read);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('connect_error', reject);
    });
    return console;
  }

  /** Whether a push has not been acknowledged yet. */
  get isHolding(): boolean {
    return this.held.length > 0;
  }

  hold(): void {
    this.holding = true;
  }

  release(): void {
    this.holding = false;
    for (const acknowledge of this.held.splice(0)) acknowledge();
  }

  /** @throws the error because of which a list could not be read */
  async close(): Promise<void> {
    this.socket.close();
    await this.reading;
  }

  private async take({ position, reload = [], channels, bots }: Changes): Promise<void> {
    for (const list of reload) await this.readAll(list, position);
    for (const item of channels) this.shown.channels.set(item.channel, item);
    for (const item of bots) this.shown.bots.set(item.bot, item);
  }

  /** Reads a list page by page. Repeats what may be tried again, until the console is closed. */
  private async readAll(list: LiveList, position: string): Promise<void> {
    const name = list === 'channels' ? 'channel' : 'bot';
    let cursor = '';
    do {
      const { status, body } = await this.read(`/${list}?limit=200&minPosition=${position}${cursor}`);
      if (status === 200) {
        for (const item of body['items'] as Record<string, string>[]) this.shown[list].set(item[name]!, item);
        cursor = typeof body['next'] === 'string' ? `&cursor=${body['next']}` : '';
        if (cursor === '') return;
      } else if (body['retryable'] !== true) {
        throw new Error(`GET /${list}: ${status} ${JSON.stringify(body)}`);
      } else await new Promise((resolve) => setTimeout(resolve, 100));
    } while (this.socket.connected);
  }
}
