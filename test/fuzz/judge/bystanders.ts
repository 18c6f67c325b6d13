import { join } from 'node:path';
import { accessOfNode, connectionStringFor } from '#libs/embedded-event-store/access/store-access.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { Crew } from '#tools/harness/bots/crew.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import type { Logged } from '#tools/harness/checker/history.js';
import { spreadOf } from '#tools/harness/measure/statistics.js';
import type { Spread } from '#tools/harness/measure/statistics.js';
import { Random } from '#tools/harness/random.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { Verdict } from './verdict.js';

const SIZE = { bots: 6, channels: 2, postsPerSecond: 5, prefix: 'steady-' };
const LEVEL_MS = 60_000;

type Listed = Readonly<{ name: string; status: string; lagMs: number }>;

/** Bots that talk all the time. Neither they nor the read models may notice the inputs. */
export class Bystanders {
  private constructor(
    private readonly verbatim: Verbatim,
    private readonly crew: Crew,
  ) {}

  static async gather(verbatim: Verbatim, seed: number): Promise<Bystanders> {
    const crew = await Crew.gather(verbatim, new Random(seed), SIZE);
    crew.talk();
    return new Bystanders(verbatim, crew);
  }

  /** Ends the talk and reports what was wrong with it. @returns how long posts took until they were stored, in ms */
  async judge(storePort: number, verdict: Verdict): Promise<Spread> {
    await this.crew.settle();
    this.crew.close();
    const log = await this.log(storePort);
    const violations = checkHistory(this.crew.histories, log);
    if (violations.length > 0) verdict.violation('bystanders', 'at the end', describeViolations(violations));
    await this.judgeReadModels(log, verdict);
    const steps = this.crew.histories.flatMap((history) => history.steps);
    const took = steps.flatMap((step) =>
      step.type === 'answered' && !step.duplicate ? [step.at - step.sentAt] : [],
    );
    const cuts = steps.filter(({ type }) => type === 'connected').length - SIZE.bots;
    if (cuts > 0) verdict.violation('bystanders', 'at the end', `${cuts} connections were lost`);
    return spreadOf(Float64Array.from(took));
  }

  private async log(storePort: number): Promise<Logged[]> {
    const dataDir = join(this.verbatim.home.dataDir, 'event-store');
    const store = new EventStore({
      connectionString: connectionStringFor(dataDir, storePort, accessOfNode(dataDir)),
    });
    const logged: Logged[] = [];
    for (const channel of this.crew.channels) {
      for await (const { revision, at, data } of store.readStream(`messages-${channel}`)) {
        const { bot, id, body } = data as { bot: string; id: string; body: string };
        logged.push({ channel, seq: revision, bot, id, body, at: at.getTime() });
      }
    }
    await store.close();
    return logged;
  }

  /** Checks that every projection is live and has the last message. */
  private async judgeReadModels(log: readonly Logged[], verdict: Verdict): Promise<void> {
    const level = async (): Promise<boolean> => {
      const { body } = await this.verbatim.request('GET', '/v1/projections');
      return (body['items'] as Listed[]).every(({ status, lagMs }) => status === 'live' && lagMs < 1_000);
    };
    await waitFor('every projection to be live and level', level, LEVEL_MS, 200).catch(
      async (error: unknown) => {
        const { text } = await this.verbatim.request('GET', '/v1/projections');
        verdict.violation('a stuck projection', 'at the end', `${(error as Error).message}: ${text}`);
      },
    );
    for (const channel of this.crew.channels) {
      const last = log.findLast((message) => message.channel === channel);
      const { body, text } = await this.verbatim.request('GET', `/v1/messages?channel=${channel}&limit=1`);
      const [newest] = (body['items'] ?? []) as { seq: number }[];
      if (newest?.seq !== last?.seq)
        verdict.violation(
          'a stuck projection',
          'at the end',
          `${channel} ends at ${last?.seq}, but: ${text}`,
        );
    }
  }
}
