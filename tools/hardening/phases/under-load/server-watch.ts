import { UsageMeter } from '#tools/harness/measure/process-usage.js';
import type { SystemUnderTest } from '../../system/system-source.js';
import type { ProcessSample, Sample } from './observed.js';

const MB_PER_MIB = 1.048576;
const LOOP_LAG = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m;

/** Samples a server's processes, and its own report on its event loop, for as long as a load runs. */
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
    // Asking once resets the figure, so that delays from before the load do not count.
    this.looking = this.forget();
    this.timer = setInterval(() => {
      this.looking ??= this.sampleServer();
    }, everyMs);
  }

  async stopSampling(): Promise<readonly Sample[]> {
    clearInterval(this.timer);
    await this.looking;
    return this.samples;
  }

  private async forget(): Promise<void> {
    await loopPause(this.system.api.url);
    this.looking = undefined;
  }

  private async sampleServer(): Promise<void> {
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

/** Returns the server's own figure, in ms, since the metrics were last read. Anybody else who reads them resets it, too. */
const loopPause = async (url: string): Promise<number | undefined> => {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    const said = response.ok ? LOOP_LAG.exec(await response.text()) : null;
    return said ? Number(said[1]) * 1_000 : undefined;
  } catch {
    return undefined;
  }
};
