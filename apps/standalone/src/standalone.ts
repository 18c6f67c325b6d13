import { setFlagsFromString } from 'node:v8';
import { maskSecrets } from '#libs/platform/config/mask-secrets.js';
import {
  InvalidSettings,
  loadSettings,
  type Environment,
  type Settings,
} from '#libs/platform/config/settings.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { createLogger, type Logger } from '#libs/platform/logging/logger.js';
import { RunningSystem, type Started } from './running-system.js';
import { onStopSignals } from './stop-signals.js';
import { welcome } from './welcome.js';

/** The boundary for faults that no other boundary has caught. */
const PROCESS = new Boundary('process');

/** Where messages to people go. Standard output can thus be left to machines. */
export type Output = Readonly<{
  say(text: string): void;
  complain(text: string): void;
  /** Whether only somebody at a terminal reads the messages. A key must not get into files and journals. */
  isTerminal: boolean;
  ready?(started: Started): void;
}>;

/**
 * How much the heap may grow over its live part, in percent, before V8 collects all of it. By default V8 lets
 * it grow to four times that on a machine with enough memory: hundreds of megabytes of messages delivered
 * long ago.
 */
const HEAP_GROWTH = '--heap-growing-percent=75';

/**
 * Runs the whole system until a signal stops it, or until it cannot continue. Nothing of it is left running
 * then.
 *
 * @returns the exit code: 0 after an orderly stop, 1 otherwise
 */
export const runStandalone = async (env: Environment, output: Output): Promise<number> => {
  const began = performance.now();
  setFlagsFromString(HEAP_GROWTH);
  process.umask(0o077); // files created from here on, also by the engines, are for their owner alone
  let settings: Settings;
  try {
    settings = loadSettings(env);
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    output.complain(error.message);
    return 1;
  }
  const logger = createLogger({ level: settings.log.level });
  const ending = new Ending(output, logger);
  const system = new RunningSystem(settings, logger, (reason) => ending.fail(reason));
  try {
    const started = await system.start(ending.signal);
    ending.isReady = true;
    const said = output.isTerminal ? started : withoutKey(started);
    output.ready?.(said);
    output.say(welcome(said, settings, (performance.now() - began) / 1000));
    await ending.reached;
  } catch (error) {
    if (!ending.signal.aborted) ending.fail(reasonOf(error, logger));
  }
  await system.stopSystem();
  ending.release();
  return ending.code;
};

const withoutKey = (started: Started): Started => {
  const { newAdminKey, ...rest } = started;
  return newAdminKey === undefined ? started : rest;
};

/**
 * Knows whether the system must end, and why: a signal, a store that can't be kept running, or a fault before
 * the system was ready. A later fault that no handler's own boundary has caught is logged and counted, and
 * the system continues.
 */
class Ending {
  code = 0;
  /** From here on, no fault of a handler ends the system. */
  isReady = false;
  readonly reached: Promise<void>;
  private readonly controller = new AbortController();
  private readonly releases: (() => void)[] = [];

  constructor(
    private readonly output: Output,
    private readonly logger: Logger,
  ) {
    this.reached = new Promise((resolve) => this.signal.addEventListener('abort', () => resolve()));
    this.releases.push(
      onStopSignals(
        () => this.stop(),
        () => process.exit(1),
      ),
    );
    const onFault = (error: unknown): void => {
      if (this.isReady) PROCESS.caught(error);
      else this.fail(reasonOf(error, this.logger));
    };
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, onFault);
      this.releases.push(() => process.off(event, onFault));
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  fail(reason: string): void {
    if (this.code === 0) this.output.complain(`Verbatim stops: ${maskSecrets(reason)}`);
    this.code = 1;
    this.controller.abort();
  }

  release(): void {
    for (const release of this.releases) release();
  }

  private stop(): void {
    if (this.signal.aborted) return;
    this.output.say('Stopping…\n');
    this.controller.abort();
  }
}

/** Returns the reason in one line. The stack goes to the log at level debug. */
const reasonOf = (error: unknown, logger: Logger): string => {
  logger.debug({ err: error }, 'The reason in full');
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
};
