import type { ServerHttp2Session } from 'node:http2';
import { Interval, UNGUARDED } from '#libs/time/interval.js';

/** The options KeepAliveInterval and KeepAliveTimeout of EventStoreDB, with its defaults. */
export interface KeepAlive {
  /** Milliseconds of silence after which the other side gets a ping. Default 10,000. */
  readonly intervalMs: number;
  /** Milliseconds that it then has to answer. Default 10,000. */
  readonly timeoutMs: number;
}

const DEFAULT: KeepAlive = { intervalMs: 10_000, timeoutMs: 10_000 };
/** Checks in one interval. */
const LOOKS = 10;

interface Watched {
  heard: number;
  /** Checks in a row at which no new bytes had arrived. */
  silent: number;
}

/**
 * Ends connections whose other side is gone or frozen, so that other clients get the events that it was given. Any byte
 * from it counts as a sign of life. Checks are counted instead of time, so that a pause of this process is not blamed
 * on the other side.
 */
export class KeepAlives {
  private readonly sessions = new Map<ServerHttp2Session, Watched>();
  private readonly looks: Interval;
  private readonly pingAt = LOOKS;
  private readonly endAt: number;

  constructor({ intervalMs, timeoutMs }: KeepAlive = DEFAULT) {
    const everyMs = intervalMs / LOOKS;
    this.endAt = LOOKS + Math.max(1, Math.round(timeoutMs / everyMs));
    this.looks = new Interval(everyMs, () => this.checkSessions(), UNGUARDED).start();
  }

  watch(session: ServerHttp2Session): void {
    this.sessions.set(session, { heard: 0, silent: 0 });
    session.on('close', () => this.sessions.delete(session));
  }

  stopPinging(): void {
    void this.looks.stop();
  }

  private checkSessions(): void {
    for (const [session, watched] of this.sessions) {
      const heard = session.socket?.bytesRead ?? 0;
      watched.silent = heard === watched.heard ? watched.silent + 1 : 0;
      watched.heard = heard;
      if (watched.silent >= this.endAt) session.destroy();
      else if (watched.silent === this.pingAt && !session.closed) session.ping(() => {});
    }
  }
}
