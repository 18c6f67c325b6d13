import { UsageMeter } from '#tools/harness/measure/process-usage.js';
import type { SystemUnderTest } from '../../system/system-source.js';
import type { ProcessSample, Sample } from './observed.js';

const MB_PER_MIB = 1.048576;
const LOOP_LAG = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m;

/** Looks at a server's processes, and at what it says of its event loop, again and again while a load goes on. */
export class ServerWatch {
  readonly samples: Sample[] = [];
  private readonly meter: UsageMeter;
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly system: SystemUnderTest,
    everyMs: number,
    private readonly onSample: (sample: Sample) => void = () => {},
  ) {
    this.meter = new UsageMeter(() => system.local?.process.tree.living() ?? []);
    this.meter.start();
    // Asked once already: it forgets what it was held up by before.
    this.looking = this.forget();
    this.timer = setInterval(() => {
      this.looking ??= this.look();
    }, everyMs);
  }

  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.timer);
    await this.looking;
    return this.samples;
  }

  private async forget(): Promise<void> {
    await loopPause(this.system.api.url);
    this.looking = undefined;
  }

  private async look(): Promise<void> {
    const at = (performance.now() - this.began) / 1_000;
    const processes = this.meter.lap().map(({ process, rssMiB, filesMiB, cpuPercent }): ProcessSample => ({
      process,
      memoryMB: rssMiB * MB_PER_MIB,
      filesMB: filesMiB * MB_PER_MIB,
      cpuPercent,
    }));
    const sample = { at, processes, pauseMs: await loopPause(this.system.api.url) };
    this.samples.push(sample);
    this.onSample(sample);
    this.looking = undefined;
  }
}

/** The server's own figure since it was last asked, in ms. Others that ask it take their part of it away. */
const loopPause = async (url: string): Promise<number | undefined> => {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    const said = response.ok ? LOOP_LAG.exec(await response.text()) : null;
    return said ? Number(said[1]) * 1_000 : undefined;
  } catch {
    return undefined;
  }
};
