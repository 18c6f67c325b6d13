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

/** What no other boundary has kept. */
const PROCESS = new Boundary('process');

/** Where words to people go, so that standard output can be left to machines. */
export type Output = Readonly<{
  say(text: string): void;
  complain(text: string): void;
  /** Whether only somebody at a terminal reads what is said: files and journals are no place for a key. */
  isTerminal: boolean;
  ready?(started: Started): void;
}>;

/**
 * How much a heap may grow over what was alive in it before V8 collects it as a whole. By itself V8 lets it grow to four
 * times that, for the machine has the memory: hundreds of megabytes of messages long delivered.
 */
const HEAP_GROWTH = '--heap-growing-percent=75';

/**
 * Runs the whole system until a signal stops it, or until it can't go on. Nothing of it is left running then.
 * @returns the exit code: 0 after an orderly stop, 1 otherwise
 */
export const runStandalone = async (env: Environment, output: Output): Promise<number> => {
  const began = performance.now();
  setFlagsFromString(HEAP_GROWTH);
  process.umask(0o077); // whatever is made from here on, by the engines too, is for its owner alone
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
  await system.stop();
  ending.release();
  return ending.code;
};

const withoutKey = (started: Started): Started => {
  const { newAdminKey, ...rest } = started;
  return newAdminKey === undefined ? started : rest;
};

/**
 * Knows whether the system is to end and why: a signal, a store that can't be kept running, a fault before it was
 * ready. Later a fault that no handler's own boundary has kept is logged and counted, and the system goes on.
 */
class Ending {
  code = 0;
  /** From here on it ends for no fault of a handler. */
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

/** One line. The stack goes to the log, where a level below the default shows it. */
const reasonOf = (error: unknown, logger: Logger): string => {
  logger.debug({ err: error }, 'The reason in full');
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
};
