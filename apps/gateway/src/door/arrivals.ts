import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { Allowances } from '#libs/platform/limits/allowances.js';
import type { BucketLimits } from '#libs/platform/limits/token-bucket.js';
import { RequestError } from '#libs/protocol/errors.js';

/** Connections of one bot that may be made at once, and then a second: each leaves its marks in the log. */
const PACE = { rate: 2, burst: 128 };

/** Bounds how often a bot comes, and under how many names: each consumer has a stream of its own, for ever. */
@Injectable()
export class Arrivals {
  private readonly consumers: number;
  private readonly pace: Allowances;
  /** By bot: the consumers it has had here. */
  private readonly names = new Map<string, Set<string>>();

  /** `consumers`: how many a bot may have had since this process began. */
  constructor(
    @Inject(SETTINGS) { consumers }: Pick<Settings, 'consumers'>,
    @Optional() pace: BucketLimits = PACE,
  ) {
    this.consumers = consumers;
    this.pace = new Allowances(pace);
  }

  /** Resolves when the bot may come in. @throws RequestError `forbidden` for one consumer too many */
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
    // It is let in late rather than refused: Socket.IO's clients don't come back after a refusal.
    pace.charge(1);
    await pause(wait);
  }
}
