import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '#tools/harness/measure/process-usage.js';
import { collectedMemoryOf } from './collected-memory.js';

const EVERY_MS = 500;
const COLLECT_EVERY_MS = 1_000;

/** Samples a process's memory again and again. */
export class MemoryWatch {
  peakMiB = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.timer = setInterval(() => {
      this.peakMiB = Math.max(this.peakMiB, Math.round(memoryOf(pid).rssMiB));
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** Makes a process collect its garbage every few seconds, and samples the memory that it then holds. */
export class CollectedWatch {
  /** Samples in MiB. */
  readonly samples: number[] = [];
  private stopped = false;
  private readonly watching: Promise<void>;

  constructor(private readonly pid: number) {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      await pause(COLLECT_EVERY_MS);
      this.samples.push(Math.round(await collectedMemoryOf(this.pid)));
    }
  }
}
