import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#libs/platform/logging/logger.js';

/** An engine in a process of its own. */
export type RunningEngine = Readonly<{
  url: string;
  port: number;
  /** When it is gone, whatever the reason, with that reason in words. */
  exited: Promise<string>;
  /** Stops it in order; resolves when it is gone. */
  stop(): Promise<void>;
}>;

/** Starts the engine, on the port given when it is started again: those who use it know only that. */
export type StartEngine = (port: number | undefined) => Promise<RunningEngine>;

export type KeeperOptions = Readonly<{
  name: string;
  start: StartEngine;
  logger: Logger;
  /** Called when the engine died too often to go on. It is not running then. */
  onGiveUp(reason: string): void;
  /** Whether deaths now have a cause that passes, such as a full disk: they do not count, and it is tried again. */
  isExcused?(): boolean;
  /** First pause before a restart, in milliseconds; it doubles with every death in a row. Default 100. */
  pauseMs?: number;
}>;

/** So many deaths within so many milliseconds are not bad luck. */
const TOO_MANY = 5;
const WITHIN_MS = 60_000;
const EXCUSED_PAUSE_MS = 1_000;

/** Keeps an engine running: when it dies it is started again at the same address, until it dies too often. */
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

  /** Stops the engine for good, also while it is being started again. */
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
          `${this.options.name} ended ${recent} times within a minute, at last with ${reason}`,
        );
        return;
      }
      this.options.logger.warn(
        { component: this.options.name, reason },
        'Ended unexpectedly, starting it again',
      );
      reason = await this.restart(
        isExcused ? EXCUSED_PAUSE_MS : (this.options.pauseMs ?? 100) * 2 ** (recent - 1),
      );
    }
  }

  /** Deaths of the last minute, this one included. */
  private countDeath(isExcused: boolean): number {
    const now = Date.now();
    if (isExcused) this.deaths = [];
    this.deaths = [...this.deaths.filter((at) => now - at < WITHIN_MS), now];
    return this.deaths.length;
  }

  /** Why the engine ended once more, or could not be started; undefined when it was stopped by us. */
  private async restart(pauseMs: number): Promise<string | undefined> {
    try {
      await delay(pauseMs, undefined, { signal: this.stopping.signal });
      this.engine = await this.options.start(this.engine.port);
    } catch (error) {
      return this.stopping.signal.aborted ? undefined : (error as Error).message;
    }
    if (this.stopping.signal.aborted) await this.engine.stop();
    return this.engine.exited;
  }
}
