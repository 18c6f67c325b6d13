import type { Socket } from 'socket.io';
import type { AccessTrail, Access } from '#libs/access-trail/access-trail.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { toRequestError } from '#libs/platform/errors/to-request-error.js';
import type { ReplayFormat } from '../formats/replay-format.js';
import { AcknowledgementWindow } from './acknowledgement-window.js';

const ACKNOWLEDGEMENT = new Boundary('audit.acknowledgement');

/** Batches on their way unacknowledged: one is worked on while the next travels. */
const WINDOW = 2;
/** Characters of a batch, far below what Socket.IO takes in a message. */
const BATCH = 64 * 1024;

export type SocketReplayParts = Readonly<{
  socket: Socket;
  batches: AsyncGenerator<readonly StoredEvent[]>;
  format: ReplayFormat;
  access: Omit<Access, 'state' | 'count'>;
  trail: AccessTrail;
}>;

/**
 * One replay over a socket: `events`, each batch acknowledged before the next but one, then `end`, or `failed` with an
 * error. Lines are sent as text, for JSON taken apart and put together again may not be the stored one.
 */
export class SocketReplay {
  #count = 0;
  #lines: string[] = [];
  #size = 0;
  #last: string | undefined;
  readonly #window: AcknowledgementWindow;

  constructor(
    private readonly parts: SocketReplayParts,
    private readonly signal: AbortSignal,
  ) {
    this.#window = new AcknowledgementWindow(WINDOW, signal);
  }

  /** @throws StoreUnavailable | UnknownPosition | StoreFault when nothing could be read at all; later it says so itself */
  async begin(): Promise<() => Promise<void>> {
    const first = await this.parts.batches.next();
    await this.parts.trail.record({ ...this.parts.access, state: 'begun' });
    return () => this.#run(first);
  }

  async #run(first: IteratorResult<readonly StoredEvent[]>): Promise<void> {
    const { socket, batches, access } = this.parts;
    const replay = access.access;
    let state: 'done' | 'cut' = 'cut';
    try {
      for (let next = first; !next.done && !this.signal.aborted; next = await batches.next())
        await this.#add(next.value);
      await this.#send();
      if (this.signal.aborted) return;
      state = 'done';
      socket.emit('end', { replay, count: this.#count });
    } catch (error) {
      socket.emit('failed', { replay, count: this.#count, error: toRequestError(error).toWire() });
    } finally {
      await batches.return(undefined);
      await this.parts.trail.record({ ...access, state, count: this.#count });
    }
  }

  async #add(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const line = this.parts.format.line(event);
      this.#lines.push(line);
      this.#size += line.length;
      this.#last = formatPosition(event.position);
      if (this.#size >= BATCH) await this.#send();
    }
    if (events.length === 0) await this.#send();
  }

  async #send(): Promise<void> {
    if (this.#lines.length === 0) return;
    await this.#window.room();
    if (this.signal.aborted) return;
    const batch = { replay: this.parts.access.access, lines: this.#lines, position: this.#last };
    this.#count += this.#lines.length;
    this.#lines = [];
    this.#size = 0;
    this.#window.sent();
    const { socket } = this.parts;
    socket.emit(
      'events',
      batch,
      ACKNOWLEDGEMENT.guard(
        () => this.#window.acknowledged(),
        () => socket.conn.close(),
      ),
    );
  }
}
