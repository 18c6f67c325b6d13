import { afterAll, beforeAll, expect, it } from 'vitest';
import { KillRounds } from './kill-rounds.js';
import { StoreProcess } from './store-process.js';

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

const ROUNDS = setting('VERBATIM_STORE_KILLS', 15);
/** How many events are in the store before the first kill. */
const EVENTS = setting('VERBATIM_STORE_EVENTS', 100_000);

let store: StoreProcess;
let rounds: KillRounds;
beforeAll(async () => {
  store = await StoreProcess.start();
  rounds = new KillRounds(store);
  await rounds.fill(EVENTS);
}, 300_000);
afterAll(() => store.stop());

it(`loses nothing and keeps its order in ${ROUNDS} kills during appends from 8 connections`, async () => {
  const readyMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    expect(await rounds.appendAndKill()).toEqual([]);
    readyMs.push(store.readyMs);
  }
  const { answered, order } = rounds;
  const whole = await rounds.orderFromStart();
  expect(whole.digest).toBe(order.digest('hex'));
  expect(answered).toBeGreaterThan(ROUNDS);
  readyMs.sort((a, b) => a - b);
  console.log(
    `${ROUNDS} kills, ${answered} events answered, ${whole.events} in the store; ready again after ` +
      `${Math.round(readyMs[Math.floor(ROUNDS / 2)]!)} ms (median), ${Math.round(readyMs.at(-1)!)} ms (worst)`,
  );
}, 3_600_000);
