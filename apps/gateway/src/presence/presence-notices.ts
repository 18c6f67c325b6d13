import { Inject, Injectable, Optional } from '@nestjs/common';
import { Directory } from '#libs/directory/directory.js';
import { isOnline } from '#libs/domain/presence/presence.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Cancel, Clock } from '#libs/platform/clock.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { RoomDelivery } from '../delivery/room-delivery.js';
import type { PresenceChange } from './presence-board.js';
import { PresenceRecorder } from './presence-recorder.js';

/** Deliveries of `presence` over all members: a second, a second while the process is busy, and at once after a pause. */
const RATE = 20_000;
const BUSY_RATE = 2_000;
const BURST = 2_000;
/** Short, for messages wait while a tick's share is told; a tick that comes much later says that the process is busy. */
const TICK_MS = 10;
const BUSY_MS = 2 * TICK_MS;

const NOTICE = new Boundary('presence.notice');
const TICK = new Boundary('presence.tick');

/**
 * Tells members who came and went. At most so many deliveries a second, and few while there is much else to do, so that
 * thousands who come at once do not push messages aside; a bot that is back in the state its fellows know it in is not mentioned.
 */
@Injectable()
export class PresenceNotices {
  /** Bots that changed, with what the others were last told. */
  private readonly changed = new Map<string, Readonly<{ told: boolean; now: BotPresence }>>();
  private cancelTick: Cancel | undefined;
  private allowance = BURST;
  private stopped = false;

  constructor(
    @Inject(RoomDelivery) private readonly rooms: Pick<RoomDelivery, 'presence' | 'liveIn'>,
    @Inject(Directory) private readonly directory: Pick<Directory, 'channelsOf'>,
    @Inject(PresenceRecorder) private readonly recorder: Pick<PresenceRecorder, 'connectionsOf'>,
    @Optional() private readonly clock: Pick<Clock, 'after' | 'elapsed'> = SYSTEM_CLOCK,
  ) {}

  noteChange({ bot, before, after }: PresenceChange): void {
    if (this.stopped) return;
    const told = this.changed.get(bot)?.told ?? isOnline(before);
    if (told === isOnline(after)) this.changed.delete(bot);
    else this.changed.set(bot, { told, now: after });
    if (this.changed.size > 0 && this.cancelTick === undefined) this.sendNotices();
  }

  stopNotices(): void {
    this.stopped = true;
    this.cancelTick?.();
    this.changed.clear();
  }

  private sendNotices(): void {
    for (const [bot, { now }] of this.changed) {
      if (this.allowance <= 0) break;
      this.changed.delete(bot);
      // Who is not told of one bot by a fault is told of the others.
      NOTICE.run(() => void (this.allowance -= this.tellOf(bot, now)));
    }
    if (this.changed.size === 0 && this.allowance >= BURST) {
      this.cancelTick = undefined;
      return;
    }
    this.tellLater();
  }

  private tellLater(): void {
    const since = this.clock.elapsed();
    const tick = (): void => {
      const passed = this.clock.elapsed() - since;
      const rate = passed > BUSY_MS ? BUSY_RATE : RATE;
      this.allowance = Math.min(BURST, this.allowance + (rate * passed) / 1_000);
      this.sendNotices();
    };
    this.cancelTick = this.clock.after(
      TICK_MS,
      TICK.guard(tick, () => this.tellLater()),
    );
  }

  /** Returns how many were told. */
  private tellOf(bot: string, presence: BotPresence): number {
    const { since, reason } = presence;
    const state = isOnline(presence) ? 'online' : 'offline';
    // Its own connections are not told.
    const own = this.recorder.connectionsOf(bot);
    let deliveries = 0;
    for (const channel of this.directory.channelsOf(bot)) {
      const members = this.rooms.liveIn(channel);
      if (members === 0) continue;
      deliveries += members;
      const said = { channel, bot, state, at: since! } as const;
      this.rooms.presence(reason === undefined ? said : { ...said, reason }, own);
    }
    return deliveries;
  }
}
