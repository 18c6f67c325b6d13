import { botStream, keysStream, parseStreamName } from '#libs/domain/stream-names.js';
import { hashKey, parseKey } from '#libs/platform/keys/access-key.js';
import type { Authenticator } from '#libs/platform/access/authenticator.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import type { Directory } from './directory.js';
import type { DirectoryTails } from './directory-tails.js';
import { KeySearch } from './key-search.js';

/**
 * Milliseconds. An unknown key is answered at a multiple of this time after it was presented. Otherwise the
 * time of the lookup would reveal whether the bot or key id exists.
 */
const ANSWER_MS = 100;

/**
 * Authenticates keys by the directory and the clock of this machine. A key that another process issued a
 * moment ago is looked up in the log.
 */
export class DirectoryKeys implements Authenticator {
  private readonly search: KeySearch;

  constructor(
    private readonly directory: Pick<Directory, 'authenticate' | 'onChange'>,
    tails: Pick<DirectoryTails, 'readOn'>,
    private readonly clock: Pick<Clock, 'now' | 'elapsed' | 'after'> = SYSTEM_CLOCK,
  ) {
    this.search = new KeySearch(directory, tails, clock);
  }

  authenticate(key: string): Caller | undefined {
    return this.directory.authenticate(key, this.clock.now());
  }

  async authenticateNew(key: string, from = ''): Promise<Caller | undefined> {
    const parsed = parseKey(key);
    if (!parsed) return undefined;
    const asked = this.clock.elapsed();
    const stream = parsed.role === 'bot' ? botStream(parsed.bot) : keysStream(parsed.role);
    await this.search.search({ hash: hashKey(key), stream, from }, () => this.isKnown(key));
    const caller = this.authenticate(key);
    if (!caller) await this.untilDue(this.clock.elapsed() - asked);
    return caller;
  }

  onChange(listener: () => void): void {
    this.directory.onChange(({ stream }) => {
      const family = parseStreamName(stream)?.family;
      if (family === 'keys' || family === 'bot') listener();
    });
  }

  private isKnown(key: string): boolean {
    try {
      return this.authenticate(key) !== undefined;
    } catch {
      // A known key can be refused too, for example the key of a suspended bot.
      return true;
    }
  }

  private untilDue(took: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ANSWER_MS - (took % ANSWER_MS), resolve));
  }
}
