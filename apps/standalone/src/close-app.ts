import type { NestExpressApplication } from '@nestjs/platform-express';
import { endConnections } from '#libs/platform/connections/guard-connections.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { Interval, UNGUARDED } from '#libs/time/interval.js';

/** The least milliseconds that requests have which arrive while bots are sent away. */
const LEAST_GRACE_MS = 500;
/** Milliseconds between two times that idle connections are closed. */
const IDLE_MS = 100;

/**
 * Closes the application. Connections that do not end by themselves within `graceMs` are cut, so that neither an upload
 * that never arrives nor a peer that is gone holds up the stop.
 */
export const closeApp = async (app: NestExpressApplication, graceMs: number): Promise<void> => {
  const server = app.getHttpServer();
  const cancel = SYSTEM_CLOCK.after(Math.max(LEAST_GRACE_MS, graceMs), () => endConnections(server));
  const idle = new Interval(IDLE_MS, () => server.closeIdleConnections(), UNGUARDED).start();
  try {
    await app.close();
  } finally {
    cancel();
    void idle.stop();
  }
};
