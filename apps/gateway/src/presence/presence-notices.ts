import { Inject, Injectable, Optional } from '@nestjs/common';
import { Directory } from '#libs/directory/directory.js';
import { isOnline } from '#libs/domain/presence/presence.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel, Clock } from '#libs/time/clock.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { RoomDelivery } from '../delivery/room-delivery.js';
import type { PresenceChange } from './presence-board.js';
import { PresenceRecorder } from './presence-recorder.js';

/**
 * Limits on deliveries of `presence`, over all members: how many a second, how many a second while the process is busy,
 * and how many at once after a pause.
 */
const RATE = 20_000;
const BUSY_RATE = 2_000;
const BURST = 2_000;
/**
 * Milliseconds between ticks. They are short, because messages wait while a tick's share is sent. A tick that comes
 * much later shows that the process is busy.
 */
const TICK_MS = 10;
const BUSY_MS = 2 * TICK_MS;

const NOTICE = new Boundary('presence.notice');
const TICK = new Boundary('presence.tick');

/**
 * Tells members which bots came and went. The number of deliveries a second is limited, and lower while the process is
 * busy, so that thousands of bots that connect at once do not delay messages. A bot that is back in the state last
 * announced is not mentioned.
 */
@Injectable()
export class PresenceNotices {
  /** The bots that changed, with the state that the other members were last told. */
  private readonly changed = new Map<string, Readonly<{ told: boolean; now: BotPresence }>>();
  private cancelTick: Cancel | undefined;
  private allowance = BURST;
  private stopped = false;

  constructor(
    @Inject(RoomDelivery) private readonly rooms: Pick<RoomDelivery, 'announcePresence' | 'liveIn'>,
    @Inject(Directory) private readonly directory: Pick<Directory, 'channelsOf'>,
    @Inject(PresenceRecorder) private readonly recorder: Pick<PresenceRecorder, 'connectionsOf'>,
    @Optional() private readonly clock: Pick<Clock, 'after' | 'elapsed'> = SYSTEM_CLOCK,
  ) {}

  /**
   * Takes a change of a bot's presence. It is announced when its turn comes, unless the bot changes back before that.
   */
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
      // A fault in the notice about one bot does not stop the notices about the others.
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

  /** Tells the live members of the bot's channels, and returns how many were told. */
  private tellOf(bot: string, presence: BotPresence): number {
    const { since, reason } = presence;
    const state = isOnline(presence) ? 'online' : 'offline';
    // The bot's own connections are not told.
    const own = this.recorder.connectionsOf(bot);
    let deliveries = 0;
    for (const channel of this.directory.channelsOf(bot)) {
      const members = this.rooms.liveIn(channel);
      if (members === 0) continue;
      deliveries += members;
      const said = { channel, bot, state, at: since! } as const;
      this.rooms.announcePresence(reason === undefined ? said : { ...said, reason }, own);
    }
    return deliveries;
  }
}
