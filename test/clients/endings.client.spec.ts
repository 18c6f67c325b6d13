import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import { clientsAtHand } from '#test/endings/client-kinds.js';
import { Stage } from '#test/endings/stage.js';

/** More packets than python-engineio accepts in one answer. */
const SILENT_CHANNELS = 20;
const BURST = 60;
/**
 * The server gives up a frozen peer by itself after 18 s. If a stop waited for the peer, it would take longer than
 * this.
 */
const STOP_MS = 15_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set(await startVerbatim());
  await stage.say();
  await stage.register(clientsAtHand());
  for (let index = 0; index < SILENT_CHANNELS; index += 1) {
    await stage.verbatim.createChannel(`silent-${index}`);
    for (const bot of stage.bots) await stage.verbatim.addMember(`silent-${index}`, bot);
  }
  stage.start();
});
afterAll(async () => {
  await stage?.clear();
  await stage?.verbatim.remove();
});

describe('clients of other languages, by polling and WebSocket', () => {
  it('catch up in more silent channels than fit into one answer, and get a burst in order', async () => {
    for (const { client } of stage.seats) await client.waitFor('caughtup', SILENT_CHANNELS + 1, 30_000);
    const before = stage.newest;
    await Promise.all(Array.from({ length: BURST }, () => stage.say()));
    for (const seat of stage.seats) await stage.level(seat, before);
    for (const { client } of stage.seats) expect(client.count('ready')).toBe(1);
  }, 60_000);

  it('reconnect by themselves when the server restarts, and get exactly what they missed', async () => {
    const before = stage.newest;
    // A frozen client does not hold up the stop.
    const [frozen] = stage.seats;
    frozen!.client.signal('SIGSTOP');
    const began = performance.now();
    await stage.verbatim.stopSystem();
    expect(performance.now() - began).toBeLessThan(STOP_MS);
    frozen!.client.signal('SIGCONT');
    stage.verbatim = await stage.verbatim.startAgain();
    await stage.say(3);
    for (const seat of stage.seats) await stage.level(seat, before);
    for (const { client } of stage.seats) expect(client.count('ready')).toBe(2);
  }, 120_000);
});
