import { mkdir } from 'node:fs/promises';
import { TREE_PREFIXES } from '#libs/domain/audit/tree-streams.js';
import { lockFolder } from '#libs/platform/files/folder-lock.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Backoff } from '#libs/time/backoff.js';
import { Interval } from '#libs/time/interval.js';
import { sleep } from '#libs/time/sleep.js';
import { withResolvers } from '#libs/event-store/with-resolvers.js';
import { AuditTree, ForkFound } from './audit-tree.js';
import type { SeenCheckpoint } from './seen-checkpoints.js';
import { TreeRound, type TreeKeeperParts } from './tree-round.js';
import { TreeProgress } from './tree-progress.js';

const LOOK = new Boundary('audit.tree');
const LOOK_MS = 250;
/** How long it may take until the log goes on after an admin has set a damaged event aside. */
const MAX_PAUSE_MS = 10_000;

/**
 * Grows the audit log's tree with the log for as long as the process runs, and signs checkpoints. After a failure (a
 * full disk, a damaged event) it begins again with what is on disk. It stops for good when the log is not the one whose
 * checkpoints were signed, so that no two signed checkpoints ever disagree.
 */
export class TreeKeeper {
  readonly #closing = new AbortController();
  readonly #backoff = new Backoff({ initialMs: 1_000, maxMs: MAX_PAUSE_MS });
  readonly progress = new TreeProgress();
  #done: Promise<void> = Promise.resolve();
  #tree: AuditTree | undefined;
  #trouble: string | undefined = 'the tree is not open yet';
  #served: SeenCheckpoint | undefined;
  #round: TreeRound | undefined;
  #isForked = false;

  constructor(private readonly parts: TreeKeeperParts) {}

  /** The tree, while it is open. */
  get tree(): AuditTree | undefined {
    return this.#tree;
  }

  /** The newest checkpoint that may be shown: it is in the log, and the tree to it is on disk here. */
  get served(): SeenCheckpoint | undefined {
    return this.#served;
  }

  /** Why no checkpoints are signed here now; undefined while all is well. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether the log was found not to be the one whose checkpoints were signed. Then nothing is done any more. */
  get isForked(): boolean {
    return this.#isForked;
  }

  /** What works on the tree while it is level with the log. */
  get round(): TreeRound | undefined {
    return this.#round;
  }

  start(): void {
    this.#done = this.#run();
  }

  async stopTree(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { folder, say } = this.parts;
    const { signal } = this.#closing;
    let unlock: (() => void) | undefined;
    while (!signal.aborted) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        unlock ??= lockOf(folder);
        await this.#follow(signal);
      } catch (error) {
        this.#trouble = (error as Error).message;
        say('error', `The audit log does not grow: ${this.#trouble}`);
        this.#isForked = error instanceof ForkFound;
        if (this.#isForked) break;
        await sleep(this.#backoff.next(), signal);
      }
    }
    unlock?.();
  }

  /** Follows the log until the signal aborts. @throws whatever stops it before */
  async #follow(signal: AbortSignal): Promise<void> {
    const { folder, log, say } = this.parts;
    const tree = await AuditTree.openTree(folder, log, (text) => say('warn', text));
    this.progress.beginAttempt(tree);
    const ended = withResolvers();
    const end = (): void => ended.resolve();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    let isLevel = false;
    const subscription = log.subscribeToAll({
      from: tree.last?.position ?? 'start',
      streamPrefixes: TREE_PREFIXES,
      onEvent: (event, stored) => tree.addEvent(event, stored),
      onCaughtUp: () => void (isLevel = true),
      onConnectionChange: (state) => void (isLevel &&= state === 'connected'),
      onFailure: (error) => ended.reject(error),
    });
    const round = new TreeRound(this.parts, tree);
    const look = new Interval(
      LOOK_MS,
      async () => {
        if (!isLevel) return;
        await round.lookAround().catch((error: Error) => ended.reject(error));
        this.#tree = tree;
        this.#round = round;
        this.#served = round.served;
        this.#trouble = round.trouble;
        this.#backoff.reset();
      },
      LOOK,
    ).start();
    try {
      await ended.promise;
      await tree.flush();
    } finally {
      this.#tree = undefined;
      this.#round = undefined;
      this.#served = undefined;
      signal.removeEventListener('abort', end);
      await look.stop();
      await subscription.close();
      await tree.close();
    }
  }
}

/** @throws Error when another process works in the folder */
const lockOf = (folder: string): (() => void) => {
  const lock = lockFolder(folder);
  if (typeof lock === 'number') throw new Error(`${folder} is in use by process ${lock}`);
  return lock;
};
