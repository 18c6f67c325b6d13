import { Generator } from './generator/generator.js';
import type { System } from './systems/system.js';
import type { Outcome } from './figures/outcome.js';
import type { Workload } from './workloads/workload.js';

const BODY_BYTES = 200;

/** Starts a system on new data, puts a workload on it, and ends it. */
export const runWorkload = async (workload: Workload, system: System, seconds: number): Promise<Outcome> => {
  const running = await system.start(workload.guests);
  try {
    const { client, url, auths } = running;
    const bots = workload.guests.map((channel, guest) => ({ channel, auth: auths[guest]! }));
    const generator = new Generator({ client, url, bots, bodyBytes: BODY_BYTES });
    try {
      return await workload.run({ system: running, remembers: system.remembers, generator, seconds });
    } finally {
      generator.stop();
    }
  } finally {
    await running.stop();
  }
};
