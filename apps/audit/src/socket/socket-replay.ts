import type { Socket } from 'socket.io';
import type { AccessTrail, Access } from '#libs/access-trail/access-trail.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { toRequestError } from '#libs/platform/errors/to-request-error.js';
import { cutConnection } from '#libs/platform/sockets/newest-socket.js';
import type { ReplayFormat } from '../formats/replay-format.js';
import { AcknowledgementWindow } from './acknowledgement-window.js';

const ACKNOWLEDGEMENT = new Boundary('audit.acknowledgement');

/** How many batches may be unacknowledged: the client handles one while the next is on its way. */
const WINDOW = 2;
/** How many characters a batch holds, far below the limit of a Socket.IO message. */
const BATCH = 64 * 1024;

export type SocketReplayParts = Readonly<{
  socket: Socket;
  batches: AsyncGenerator<readonly StoredEvent[]>;
  format: ReplayFormat;
  access: Omit<Access, 'state' | 'count'>;
  trail: AccessTrail;
}>;

/**
 * Runs one replay over a socket. It sends `events`, where a batch waits until all but one of the batches
 * before it are acknowledged, then `end`, or `failed` with an error. Lines are sent as text, because JSON
 * that is parsed and written again may differ from the stored text.
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

  /**
   * Reads the first batch and returns a function that runs the replay.
   *
   * @throws StoreUnavailable | UnknownPosition | StoreFault when nothing could be read; a later failure is
   * sent as `failed`
   */
  async beginReplay(): Promise<() => Promise<void>> {
    const { batches, trail, access } = this.parts;
    const first = await batches.next();
    try {
      await trail.record({ ...access, state: 'begun' });
    } catch (error) {
      await batches.return(undefined); // or the store would go on to hold the read
      throw error;
    }
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
    await this.#window.waitForRoom();
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
        () => cutConnection(socket),
      ),
    );
  }
}
