import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { UnfitInput } from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import { verifyLog } from '#libs/audit-verify/verify-log.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { isFault, toRequestError } from '#libs/platform/errors/to-request-error.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Verification } from '#libs/audit-verify/verification.js';
import { TreeLife, treeFolder } from '../tree/tree-life.js';
import { leavesOf, rememberedIn } from './known-tree.js';
import { eventsOfTree, lastPosition } from './log-events.js';
import type { Kept } from './verify.request.js';

/** How far a verification is. */
export type VerifyProgress = Readonly<{
  events: number;
  /** From 0 to 1, by positions. */
  done: number;
  eventsPerSecond: number;
  secondsLeft: number;
}>;

/** A verification, from its start until the next one. */
export type VerificationState = Readonly<{
  state: 'none' | 'running' | 'done' | 'failed' | 'stopped';
  id?: string;
  startedAt?: string;
  endedAt?: string;
  progress?: VerifyProgress;
  result?: Verification;
  /** Why it failed. */
  why?: string;
}>;

const RETRY_AFTER_MS = 5_000;

/** Verifies the log for auditors, one verification at a time. It keeps the newest one, until the process ends. */
@Injectable()
export class Verifications implements BeforeApplicationShutdown {
  #state: VerificationState = { state: 'none' };
  #running: Readonly<{ stopping: AbortController; ended: Promise<void> }> | undefined;
  #isEnding = false;

  constructor(
    private readonly store: EventStore,
    private readonly life: TreeLife,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The newest verification. */
  get newest(): VerificationState {
    return this.#state;
  }

  /**
   * Starts a verification. `onEnd` is called with it when it has ended, whatever has ended it.
   *
   * @throws RequestError `rate_limited` while one is running; `server_stopping`
   */
  startVerification(kept: Kept, onEnd: (ended: VerificationState) => void): VerificationState {
    if (this.#isEnding) throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    if (this.#running)
      throw new RequestError('rate_limited', 'A verification is running already', RETRY_AFTER_MS);
    const stopping = new AbortController();
    this.#state = { state: 'running', id: randomUUID(), startedAt: new Date().toISOString() };
    const ended = this.#run(kept, stopping.signal, onEnd);
    this.#running = { stopping, ended };
    return this.#state;
  }

  /** Stops the running verification, if there is one, and resolves when it has ended. */
  async stopVerification(): Promise<VerificationState> {
    this.#running?.stopping.abort();
    await this.#running?.ended;
    return this.#state;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isEnding = true;
    await this.stopVerification();
  }

  /** Rejects only with what `onEnd` throws. */
  async #run(kept: Kept, signal: AbortSignal, onEnd: (ended: VerificationState) => void): Promise<void> {
    const end = await this.#endOf(kept, signal);
    this.#state = { ...this.#state, ...end, endedAt: new Date().toISOString() };
    this.#running = undefined;
    onEnd(this.#state);
  }

  async #endOf(
    kept: Kept,
    signal: AbortSignal,
  ): Promise<Pick<VerificationState, 'state' | 'result' | 'why'>> {
    try {
      return { state: 'done', result: await this.#verify(kept, signal) };
    } catch (error) {
      if (signal.aborted) return { state: 'stopped' };
      if (error instanceof UnfitInput) return { state: 'failed', why: error.message };
      const answer = toRequestError(error);
      if (isFault(answer)) this.logger.error({ component: 'audit', err: error }, 'A verification failed');
      return { state: 'failed', why: answer.message };
    }
  }

  async #verify(kept: Kept, signal: AbortSignal): Promise<Verification> {
    const scratch = treeFolder(this.settings.dataDir);
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const remembered = await rememberedIn(scratch);
    const last = (await lastPosition(this.store, signal)) ?? 0n;
    const began = performance.now();
    const result = await verifyLog(eventsOfTree(this.store, signal), {
      ...withRemembered(kept, remembered),
      scratch,
      leaves: leavesOf(this.life.keeper),
      onProgress: ({ events, position }) => {
        const progress = progressOf({ events, at: position, last, ms: performance.now() - began });
        this.#state = { ...this.#state, progress };
      },
    });
    signal.throwIfAborted();
    return result;
  }
}

/** Adds what this process remembers of the log, unless it is of another log than the one that was asked about. */
const withRemembered = ({ key, held }: Kept, remembered: Awaited<ReturnType<typeof rememberedIn>>) => {
  const keyWasGiven = key !== undefined;
  if (!remembered || (key && key.text !== remembered.key.text)) return { key, keyWasGiven, held };
  return { key: remembered.key, keyWasGiven, held: [...held, remembered.checkpoint] };
};

const progressOf = (
  o: Readonly<{ events: number; at: bigint; last: bigint; ms: number }>,
): VerifyProgress => {
  const done = o.last === 0n ? 1 : Math.min(1, Number(o.at) / Number(o.last));
  return {
    events: o.events,
    done,
    eventsPerSecond: o.ms > 0 ? Math.round((o.events * 1_000) / o.ms) : 0,
    secondsLeft: done > 0 ? Math.ceil((o.ms * (1 - done)) / done / 1_000) : 0,
  };
};
