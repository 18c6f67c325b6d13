import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { parseStreamName, type StreamFamily } from '#libs/domain/stream-names.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { sleep } from '#libs/time/sleep.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { toRequestError } from '#libs/platform/errors/to-request-error.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Places } from '#libs/platform/limits/places.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { RequestError } from '#libs/protocol/errors.js';
import { ReadModels } from '../read-models/read-models.js';
import type { LiveList } from './live-events.js';
import { look } from './look.js';
import type { Look } from './look.js';
import { ratesOf } from './message-rates.js';
import type { Heads } from './message-rates.js';
import type { Watcher } from './watcher.js';

const FEED = new Boundary('admin.feed');

/**
 * Tells by the family of an event's stream which list the event changes. Messages are too many to look at;
 * their channels are found by comparing heads.
 */
const LISTS: Partial<Record<StreamFamily, LiveList>> = { bot: 'bots', presence: 'bots', channel: 'channels' };

/** The read models that every push reads. */
const LOOKED_AT = ['messages', 'channels', 'bots', 'presence'] as const;
const EVERY_MS = 1_000;
/** How many consoles one process serves at a time. */
const CONSOLES = { shared: 100, firsts: 100 };
const RETRY_AFTER_MS = 5_000;
const BLIND = 'The read models are not reachable, retrying...';

/**
 * Pushes changes to consoles once a second, from one read of the read models, however many consoles watch.
 * The log tells that something has changed; a console gets the new state once the read models have it. While
 * nobody watches, nothing is done.
 */
@Injectable()
export class LiveFeed implements OnModuleInit, BeforeApplicationShutdown {
  private readonly places = new Places(CONSOLES);
  private readonly watchers = new Set<Watcher>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private seen: Readonly<{ heads: Heads; at: number }> | undefined;
  private isBlind = false;

  constructor(
    private readonly log: LogFeed,
    private readonly readModels: ReadModels,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const prefixes = Object.keys(LISTS).map((family) => `${family}-`);
    this.log.listen({ prefixes, onEvent: (event) => this.noteChange(event) });
  }

  /**
   * Gives a place to a console with this key.
   *
   * @returns a function that gives the place back
   * @throws RequestError `rate_limited` or `server_stopping` when no other console can be served
   */
  admitWatcher(keyId: string): () => void {
    if (this.stopping.signal.aborted)
      throw new RequestError('server_stopping', 'The server is stopping', RETRY_AFTER_MS);
    const giveBack = this.places.takePlace(keyId);
    if (giveBack) return giveBack;
    throw new RequestError(
      'rate_limited',
      'This key already has its full share of connected consoles',
      RETRY_AFTER_MS,
    );
  }

  /** Starts to push to a console, until it leaves. */
  addWatcher(watcher: Watcher): void {
    this.watchers.add(watcher);
    watcher.greet(EVERY_MS);
    if (this.isBlind) watcher.notify('read_model_unavailable', BLIND);
    this.running ??= this.runFeed().finally(() => (this.running = undefined));
  }

  removeWatcher(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private noteChange({ stream, position }: PositionedEvent): void {
    if (this.watchers.size === 0) return;
    const of = parseStreamName(stream);
    const list = of && LISTS[of.family];
    if (!list) return;
    for (const { pending } of this.watchers) pending[list].noteChange(of.id, position.commit);
  }

  private async runFeed(): Promise<void> {
    const { signal } = this.stopping;
    while (this.watchers.size > 0 && !signal.aborted) {
      try {
        FEED.enter();
        await this.pushChanges();
      } catch (error) {
        FEED.caught(error); // consoles are told in the next round
      }
      await sleep(EVERY_MS, signal);
    }
    this.seen = undefined;
  }

  private async pushChanges(): Promise<void> {
    const { position } = this.log;
    const ready = [...this.watchers].filter(({ isReady }) => isReady);
    // Changes that are noted from here on lie after `position`, or are pushed after it.
    const reloads = new Map(ready.map((watcher) => [watcher, watcher.takeOverflows()]));
    try {
      const all = [...this.watchers].map(({ pending }) => pending);
      const due = ready.map(({ pending }) => pending);
      const found = await this.readModels.now(LOOKED_AT, (source) =>
        look(source, all, due, this.seen?.heads),
      );
      const rates = this.ratesOf(found);
      for (const watcher of ready) {
        const reload = reloads.get(watcher)!;
        if (watcher.isReady) watcher.pushFound(found, { position, rates, reload });
      }
      this.becomeBlind(false);
    } catch (error) {
      for (const [watcher, lists] of reloads) for (const list of lists) watcher.pending[list].overflow();
      this.becomeBlind(true);
      if (toRequestError(error).code !== 'read_model_unavailable')
        this.logger.error({ component: 'live', err: error }, 'Changes could not be read');
    }
  }

  private ratesOf({ pulse, moved }: Look) {
    const at = performance.now();
    const overMs = this.seen && at - this.seen.at;
    this.seen = { heads: pulse.heads, at };
    return moved && overMs !== undefined ? ratesOf(moved, overMs) : undefined;
  }

  private becomeBlind(isBlind: boolean): void {
    if (isBlind === this.isBlind) return;
    this.isBlind = isBlind;
    for (const watcher of this.watchers) {
      if (isBlind) watcher.notify('read_model_unavailable', BLIND);
      else watcher.notify('read_model_restored', 'The read models are back');
    }
  }
}
