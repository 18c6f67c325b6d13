import { memoryOf } from '#libs/harness/measure/process-usage.js';

const EVERY_MS = 500;

/** Looks at a process's memory over and over. */
export class MemoryWatch {
  peakMiB = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.timer = setInterval(() => {
      this.peakMiB = Math.max(this.peakMiB, Math.round(memoryOf(pid)));
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
