import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { pidWith, portsOf } from '#test/support/local-user/processes.js';
import type { Verdict } from './verdict.js';

/** A part of the command line of the store's process. */
const STORE = 'embedded-event-store/main.js';

/** The processes of a system. At the end they must be the same as at the start, without a fault. */
export class Processes {
  private readonly before: string;
  private readonly storePid: number;
  readonly storePort: number;

  constructor(private readonly verbatim: Verbatim) {
    const pids = verbatim.process.tree.living();
    this.storePid = pidWith(pids, STORE);
    [this.storePort] = portsOf(this.storePid) as [number];
    this.before = this.lasting();
  }

  /** Reports faults that boundaries caught, errors and warnings in the output, and processes that were restarted. */
  async judge(verdict: Verdict): Promise<void> {
    const { status } = await fetch(`${this.verbatim.url}/health/ready`).catch(() => ({ status: 0 }));
    if (status !== 200) verdict.violation('not ready', 'at the end', String(status));
    if (this.lasting() !== this.before)
      verdict.violation('a process ended', 'at the end', `${this.before} became ${this.lasting()}`);
    const { text } = await this.verbatim.request('GET', '/metrics');
    for (const line of text.match(/^verbatim_(?:faults_total|unreadable_events).* [1-9]\d*$/gm) ?? [])
      verdict.violation('a fault that a boundary caught', 'at the end', line);
    for (const line of this.verbatim.output().split('\n'))
      if (/"level":"(?:error|fatal)"|Warning|\bat .*:\d+:\d+\)/.test(line))
        verdict.violation('printed', 'at the end', line);
  }

  /** Returns the server itself and its store. */
  private lasting(): string {
    const living = this.verbatim.process.tree.living();
    return [this.verbatim.process.pid, this.storePid].filter((pid) => living.includes(pid)).join(' ');
  }
}
