import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { bearerKey } from './access.guard.js';
import { AUTHENTICATOR, type Authenticator } from '../access/authenticator.js';
import { isFromThisMachine, type Arrival } from '../access/from-this-machine.js';

/**
 * Decides who may look into the state of the process: requests from this machine, with the metrics token, or with the
 * key of an admin or auditor.
 */
@Injectable()
export class Insight {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Optional() @Inject(AUTHENTICATOR) private readonly authenticator?: Authenticator,
  ) {}

  /** Returns whether this request may read the metrics. */
  mayReadMetrics(request: Arrival): boolean {
    return isFromThisMachine(request) || hasToken(request, this.settings.metrics.token);
  }

  /** Returns whether this request may see the names of streams, channels, bots and projections. */
  maySeeNames(request: Arrival): boolean {
    return this.mayReadMetrics(request) || this.isPerson(bearerKey(request.headers.authorization));
  }

  private isPerson(key: string | undefined): boolean {
    if (key === undefined) return false;
    try {
      const role = this.authenticator?.authenticate(key)?.role;
      return role === 'admin' || role === 'auditor';
    } catch {
      return false; // the bot is suspended
    }
  }
}

const hasToken = ({ headers }: Arrival, token: string | undefined): boolean => {
  const given = bearerKey(headers.authorization);
  return token !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(token));
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
