import { signal } from './process-tree.js';
import { RunningProcess } from '../processes/running-process.js';
import type { Exit } from '../processes/running-process.js';
import { waitFor } from '../wait-for.js';

export type RoleProcessPlan = Readonly<{
  name: string;
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Checks whether the process serves; called repeatedly after a start. */
  isReady(running: RunningProcess): Promise<boolean> | boolean;
  /** Asks the process about its state; called once if it does not serve in time. */
  standing?(): Promise<string>;
}>;

/** One process of a distributed system that can be started, killed, stopped, paused and started again in the same way. */
export class RoleProcess {
  /** Its output each time it ended by itself after it was ready. */
  readonly crashes: string[] = [];
  private running: RunningProcess | undefined;

  constructor(private readonly plan: RoleProcessPlan) {}

  get name(): string {
    return this.plan.name;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** The process id. @throws Error while it does not run */
  get pid(): number {
    if (!this.running) throw new Error(`${this.name} does not run`);
    return this.running.pid;
  }

  /** Returns the output of the current run, even if it ended by itself; empty after it was killed or terminated. */
  output(): string {
    return this.running?.output() ?? '';
  }

  /** Starts it. @throws Error with its output when it ends or does not serve in time; it is then killed */
  async start(readyMs = 30_000): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already`);
    const running = new RunningProcess(this.plan.command, this.plan.env);
    this.running = running;
    let ended = false;
    void running.exited.then(() => (ended = true));
    try {
      await waitFor(
        `${this.name} to be ready`,
        () => {
          if (ended) throw new Error(`${this.name} ended before it was ready`);
          return this.plan.isReady(running);
        },
        readyMs,
      );
    } catch (error) {
      const standing = (await this.plan.standing?.()) ?? 'nothing';
      await this.kill();
      const { message } = error as Error;
      throw new Error(`${message}; it says ${standing} and printed:\n${running.output()}`, { cause: error });
    }
    void this.watch(running);
  }

  /** Sends SIGKILL to it and everything it started. */
  async kill(): Promise<void> {
    const running = this.takeProcess();
    running?.tree.kill();
    await running?.exited;
    await running?.gone();
  }

  /** Sends SIGTERM, as a supervisor stops a service. Resolves when it is gone. */
  async terminate(withinMs = 30_000): Promise<Exit> {
    const running = this.takeProcess();
    if (!running) throw new Error(`${this.name} does not run`);
    running.tree.living();
    signal(running.pid, 'SIGTERM');
    const exit = await running.exitWithin(withinMs);
    await running.gone();
    return exit;
  }

  /** Freezes it like a hung machine: it neither answers nor closes anything until {@link resume}. */
  pause(): void {
    this.signalAll('SIGSTOP');
  }

  resume(): void {
    this.signalAll('SIGCONT');
  }

  private async watch(running: RunningProcess): Promise<void> {
    await running.exited;
    if (this.running === running) this.crashes.push(`${this.name}: ${running.output()}`);
  }

  private signalAll(name: NodeJS.Signals): void {
    for (const pid of this.running?.tree.living() ?? []) signal(pid, name);
  }

  private takeProcess(): RunningProcess | undefined {
    const { running } = this;
    this.running = undefined;
    return running;
  }
}
