import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io';
import type { Access } from '#libs/access-trail/access-trail.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { cutConnection } from '#libs/platform/sockets/newest-socket.js';
import { personAt } from '#libs/platform/sockets/people-door.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { LIVE_LISTS } from './live-events.js';
import type { Changes, LiveEvents, LiveList, LiveNotice } from './live-events.js';
import type { Look, Pending } from './look.js';
import type { Rates } from './message-rates.js';
import { PendingChanges } from './pending-changes.js';

const ACKNOWLEDGEMENT = new Boundary('admin.acknowledgement');

/** How many names of each list are remembered for a console that lags behind. */
const PENDING = 1_000;

export type LiveSocket = Socket<Record<string, never>, LiveEvents>;

/**
 * What a push says beside the rows that were looked up. `reload` names the lists in which more rows have changed than
 * the push holds.
 */
export type Occasion = Readonly<{
  position: LogPosition;
  rates: Rates | undefined;
  reload: readonly LiveList[];
}>;

/**
 * Serves one connected console. Only one push is unacknowledged at a time; what changes meanwhile is
 * remembered by name only.
 */
export class Watcher {
  readonly pending: Pending = {
    channels: new PendingChanges(PENDING, true),
    bots: new PendingChanges(PENDING, true),
  };
  private underWay = false;
  private shown = 0;
  private readonly access = randomUUID();

  constructor(private readonly socket: LiveSocket) {}

  get isReady(): boolean {
    return !this.underWay && this.socket.connected;
  }

  /** Returns the record for the access trail. */
  accessAs(state: Access['state']): Access {
    const access = { access: this.access, ...personAt(this.socket), path: '/admin', query: {}, state };
    return state === 'begun' ? access : { ...access, count: this.shown };
  }

  greet(everyMs: number): void {
    this.socket.emit('ready', { connection: this.socket.id, version: 'v1', everyMs });
  }

  notify(code: LiveNotice, message: string): void {
    this.socket.emit('notice', { code, message });
  }

  /** Returns the lists that must be read again, once for each time. */
  takeOverflows(): LiveList[] {
    return LIVE_LISTS.filter((list) => this.pending[list].takeOverflow());
  }

  /** Pushes this console's part of what the look found. */
  pushFound({ pulse, due, channels, bots }: Look, { position, rates, reload }: Occasion): void {
    const names = due.get(this.pending) ?? { channels: [], bots: [] };
    this.push({
      position: (position.commit < 0n ? 0n : position.commit).toString(),
      channels: itemsOf(names.channels, channels),
      bots: itemsOf(names.bots, bots),
      projections: pulse.projections,
      ...(rates && { rates }),
      ...(reload.length > 0 && { reload }),
    });
    this.pending.channels.removeTold(names.channels, pulse.channelsLevel);
    this.pending.bots.removeTold(names.bots, pulse.botsLevel);
  }

  private push(changes: Changes): void {
    this.underWay = true;
    this.shown += changes.channels.length + changes.bots.length;
    this.socket.emit(
      'changes',
      changes,
      ACKNOWLEDGEMENT.guard(
        () => (this.underWay = false),
        () => cutConnection(this.socket),
      ),
    );
  }
}

const itemsOf = <Item>(names: readonly string[], items: ReadonlyMap<string, Item>): Item[] =>
  names.map((name) => items.get(name)).filter((item) => item !== undefined);
