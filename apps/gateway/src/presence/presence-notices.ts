import { isOnline } from '#libs/domain/presence/presence.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';
import type { Broadcast } from '../connection/broadcast.js';
import type { PresenceChange } from './presence-board.js';

/** Deliveries of `presence` a second over all members, and at once after a pause. */
const RATE = 20_000;
const BURST = 2_000;
const TICK_MS = 50;

type Sender = Pick<Broadcast, 'presence' | 'liveIn'>;

/**
 * Tells members who came and went. At most so many deliveries a second, so that thousands who come at once do not push
 * messages aside; a bot that is back in the state its fellows know it in is not mentioned.
 */
export class PresenceNotices {
  /** Bots that changed, with what the others were last told. */
  private readonly changed = new Map<string, Readonly<{ told: boolean; now: BotPresence }>>();
  private timer: NodeJS.Timeout | undefined;
  private allowance = BURST;
  private stopped = false;

  constructor(
    private readonly sender: Sender,
    private readonly channelsOf: (bot: string) => readonly string[],
    /** Ids of the bot's own connections, which are not told. */
    private readonly connectionsOf: (bot: string) => readonly string[],
  ) {}

  note({ bot, before, after }: PresenceChange): void {
    if (this.stopped) return;
    const told = this.changed.get(bot)?.told ?? isOnline(before);
    if (told === isOnline(after)) this.changed.delete(bot);
    else this.changed.set(bot, { told, now: after });
    if (this.changed.size > 0 && this.timer === undefined) this.tell();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.changed.clear();
  }

  private tell(): void {
    for (const [bot, { now }] of this.changed) {
      if (this.allowance <= 0) break;
      this.changed.delete(bot);
      this.allowance -= this.tellOf(bot, now);
    }
    if (this.changed.size === 0 && this.allowance >= BURST) {
      this.timer = undefined;
      return;
    }
    this.timer = setTimeout(() => {
      this.allowance = Math.min(BURST, this.allowance + (RATE * TICK_MS) / 1_000);
      this.tell();
    }, TICK_MS);
  }

  /** Returns how many were told. */
  private tellOf(bot: string, presence: BotPresence): number {
    const { since, reason } = presence;
    const state = isOnline(presence) ? 'online' : 'offline';
    const own = this.connectionsOf(bot);
    let deliveries = 0;
    for (const channel of this.channelsOf(bot)) {
      const members = this.sender.liveIn(channel);
      if (members === 0) continue;
      deliveries += members;
      const said = { channel, bot, state, at: since! } as const;
      this.sender.presence(reason === undefined ? said : { ...said, reason }, own);
    }
    return deliveries;
  }
}
