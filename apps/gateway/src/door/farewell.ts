import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { SERVICE_ROLES } from '#libs/platform/config/settings.table.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { RequestError } from '#libs/protocol/errors.js';
import { Sessions } from '../sessions/sessions.js';
import type { Session } from '../sessions/session.js';
import { WAVE_INTERVAL_MS, wavesOf } from './farewell-waves.js';
import { sleep } from '#libs/time/sleep.js';

/**
 * The longest time, in milliseconds, that a load balancer takes to notice that this gateway is not ready (`ops/haproxy`
 * checks every half second).
 */
const NOTICED_MS = 1_000;

/**
 * Sends the bots of a gateway that stops to the other gateways, so that none loses an answer and they do not all
 * reconnect at once. The gateway reports that it is not ready and refuses new connections. It closes the existing ones
 * in waves, each once its requests are answered.
 */
@Injectable()
export class Farewell implements OnModuleInit {
  private saying: Promise<void> | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly health: HealthRegistry,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.health.register('gateway', () =>
      this.saying ? { ready: false, detail: 'the server is stopping' } : { ready: true },
    );
  }

  /** @throws RequestError `server_stopping` once the farewell has begun */
  requireStaying(): void {
    if (this.saying) throw serverStopping();
  }

  /** Resolves when no bot is connected any more. Further calls return the same promise. */
  sayFarewell(): Promise<void> {
    this.saying ??= this.sendAway();
    return this.saying;
  }

  private async sendAway(): Promise<void> {
    if (this.sessions.allSessions().length === 0) return;
    const balanced = this.settings.roles.length < SERVICE_ROLES.length;
    if (balanced) await sleep(NOTICED_MS);
    const leaving = new Map<Session, Promise<void>>();
    // A bot that was being let in when this began is found in the next round.
    for (let left = this.sessions.allSessions(); left.length > 0; left = this.others(leaving)) {
      for (const wave of wavesOf(left)) {
        for (const session of wave) leaving.set(session, session.sendAway(serverStopping()));
        await sleep(WAVE_INTERVAL_MS);
      }
    }
    await Promise.all(leaving.values());
  }

  private others(leaving: ReadonlyMap<Session, unknown>): readonly Session[] {
    return this.sessions.allSessions().filter((session) => !leaving.has(session));
  }
}

const serverStopping = (): RequestError =>
  new RequestError('server_stopping', 'The server is stopping; reconnect in a moment', 500);
