import { Inject, Injectable, Optional } from '@nestjs/common';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { Allowances } from '#libs/platform/limits/allowances.js';
import type { BucketLimits } from '#libs/platform/limits/token-bucket.js';
import { RequestError } from '#libs/protocol/errors.js';
import { sleep } from '#libs/time/sleep.js';

/**
 * How many connections of one bot may be made at once (`burst`), and how many a second after that (`rate`). Each
 * connection is recorded in the log.
 */
const PACE = { rate: 2, burst: 128 };

/**
 * Limits how often a bot connects, and under how many consumer names: each consumer has a stream of its own for ever.
 */
@Injectable()
export class Arrivals {
  private readonly consumers: number;
  private readonly pace: Allowances;
  /** The consumers that each bot has had at this gateway. */
  private readonly names = new Map<string, Set<string>>();

  /** Takes `consumers` from the settings: how many consumers a bot may have had since this process began. */
  constructor(
    @Inject(SETTINGS) { consumers }: Pick<Settings, 'consumers'>,
    @Optional() pace: BucketLimits = PACE,
  ) {
    this.consumers = consumers;
    this.pace = new Allowances(pace);
  }

  /**
   * Resolves when the bot may connect.
   *
   * @throws RequestError `forbidden` for one consumer too many
   */
  async admit(bot: string, consumer: string): Promise<void> {
    const known = this.names.get(bot) ?? new Set<string>();
    if (!known.has(consumer) && known.size >= this.consumers) {
      throw new RequestError(
        'forbidden',
        `Bot "${bot}" has ${this.consumers} consumers already: use one of their names`,
      );
    }
    this.names.set(bot, known.add(consumer));
    const pace = this.pace.allowanceOf(bot);
    const wait = pace.takeTokens(1);
    if (wait === 0) return;
    // The bot is let in late rather than refused, because Socket.IO's clients do not reconnect after a refusal.
    pace.charge(1);
    await sleep(wait);
  }
}
