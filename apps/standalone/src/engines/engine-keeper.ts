import type { Logger } from '#libs/platform/logging/logger.js';
import { sleep } from '#libs/time/sleep.js';

/** An engine that runs in a process of its own. */
export type RunningEngine = Readonly<{
  url: string;
  port: number;
  /** Resolves when the engine is gone, whatever the reason, with that reason in words. */
  exited: Promise<string>;
  /** Stops the engine in an orderly way. Resolves when it is gone. */
  stop(): Promise<void>;
}>;

/** Starts the engine. On a restart it gets the same port, which is all that its users know. */
export type StartEngine = (port: number | undefined) => Promise<RunningEngine>;

export type KeeperOptions = Readonly<{
  name: string;
  start: StartEngine;
  logger: Logger;
  /** Called when the engine died too often to be restarted. It is not running then. */
  onGiveUp(reason: string): void;
  /**
   * Returns whether the engine dies for a passing reason, such as a full disk. Such deaths do not count, and
   * it is restarted.
   */
  isExcused?(): boolean;
  /** Milliseconds before the first restart. The pause doubles with every further death. Default 100. */
  pauseMs?: number;
  /** Milliseconds before it is restarted after an excused death. Default 1,000. */
  excusedPauseMs?: number;
}>;

/** An engine that dies this often within this many milliseconds is given up. */
const TOO_MANY = 5;
const WITHIN_MS = 60_000;
const EXCUSED_PAUSE_MS = 1_000;

/** Keeps an engine running. When it dies, it is restarted at the same address, until it dies too often. */
export class EngineKeeper {
  private readonly stopping = new AbortController();
  private deaths: number[] = [];
  private readonly watching: Promise<void>;

  private constructor(
    private readonly options: KeeperOptions,
    private engine: RunningEngine,
  ) {
    this.watching = this.watch();
  }

  /** @throws what starting the engine throws */
  static async start(options: KeeperOptions): Promise<EngineKeeper> {
    return new EngineKeeper(options, await options.start(undefined));
  }

  get url(): string {
    return this.engine.url;
  }

  /** Stops the engine for good, even while it is being restarted. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.engine.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    let reason: string | undefined = await this.engine.exited;
    while (reason !== undefined && !this.stopping.signal.aborted) {
      const isExcused = this.options.isExcused?.() ?? false;
      const recent = this.countDeath(isExcused);
      if (recent >= TOO_MANY) {
        this.options.onGiveUp(
          `${this.options.name} ended ${recent} times within a minute, most recently with ${reason}`,
        );
        return;
      }
      this.options.logger.warn(
        { component: this.options.name, reason },
        'Ended unexpectedly; it is restarted',
      );
      reason = await this.restart(
        isExcused
          ? (this.options.excusedPauseMs ?? EXCUSED_PAUSE_MS)
          : (this.options.pauseMs ?? 100) * 2 ** (recent - 1),
      );
    }
  }

  /** Returns how often the engine died in the last minute, this time included. */
  private countDeath(isExcused: boolean): number {
    const now = Date.now();
    if (isExcused) this.deaths = [];
    this.deaths = [...this.deaths.filter((at) => now - at < WITHIN_MS), now];
    return this.deaths.length;
  }

  /**
   * Restarts the engine. Returns why it ended again or could not be started, or undefined when it was stopped
   * on purpose.
   */
  private async restart(pauseMs: number): Promise<string | undefined> {
    await sleep(pauseMs, this.stopping.signal);
    if (this.stopping.signal.aborted) return undefined;
    try {
      this.engine = await this.options.start(this.engine.port);
    } catch (error) {
      return this.stopping.signal.aborted ? undefined : (error as Error).message;
    }
    if (this.stopping.signal.aborted) await this.engine.stop();
    return this.engine.exited;
  }
}
