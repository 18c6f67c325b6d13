import { setTimeout as pause } from 'node:timers/promises';
import { overGrpc } from './doors/grpc-door.js';
import type { StoreDoor } from './doors/grpc-door.js';
import { overHttp2 } from './doors/http2-door.js';
import { overHttp } from './doors/http-door.js';
import { overPolling } from './doors/polling-door.js';
import { overWebSocket } from './doors/websocket-door.js';
import { valuePool } from './inputs/odd-values.js';
import type { Scene } from './inputs/scene.js';
import { INPUTS_A_SCRIPT, scriptOf } from './inputs/script.js';
import type { Script } from './inputs/script.js';
import type { Verdict } from './judge/verdict.js';

export type FuzzPlan = Readonly<{
  seed: number;
  /** The number of the first input, and how many follow. */
  from: number;
  inputs: number;
  say(line: string): void;
}>;

/** How many scripts run at once. */
const AT_ONCE = 16;
const SAY_EVERY_MS = 10_000;

/** Sends all inputs of a plan. */
export const sendInputs = async (
  { seed, from, inputs, say }: FuzzPlan,
  url: string,
  door: StoreDoor,
  scene: Scene,
  verdict: Verdict,
): Promise<void> => {
  const pool = valuePool(seed);
  const last = Math.ceil((from + inputs) / INPUTS_A_SCRIPT);
  let next = Math.floor(from / INPUTS_A_SCRIPT);
  const first = next;
  const work = async (): Promise<void> => {
    while (next < last) {
      const number = next;
      next += 1;
      const script = scriptOf(seed, number, scene, pool);
      const where = `--seed ${seed} --from ${number * INPUTS_A_SCRIPT} (${script.door})`;
      await send(script, url, door, where, verdict);
      verdict.count(`inputs: ${script.door}`, script.inputs.length);
    }
  };
  const began = performance.now();
  const telling = setInterval(() => {
    const done = (next - first) * INPUTS_A_SCRIPT;
    say(`${done} inputs, ${Math.round((done / (performance.now() - began)) * 1_000)} a second`);
  }, SAY_EVERY_MS);
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    clearInterval(telling);
  }
  // Gives requests that have begun time to be answered.
  await pause(1_000);
};

const send = (
  script: Script,
  url: string,
  door: StoreDoor,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  switch (script.door) {
    case 'websocket':
      return overWebSocket(url, script, where, verdict);
    case 'polling':
      return overPolling(url, script, where, verdict);
    case 'http':
      return overHttp(url, script, where, verdict);
    case 'grpc':
      return overGrpc(door, script, where, verdict);
    case 'http2':
      return overHttp2(door, script, where, verdict);
  }
};
