import { botStream, keysStream, parseStreamName } from '#libs/domain/stream-names.js';
import { parseKey } from '#libs/platform/access/access-key.js';
import type { Authenticator } from '#libs/platform/access/authenticator.js';
import type { Caller } from '#libs/platform/access/caller.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import type { Directory } from './directory.js';
import type { DirectoryTails } from './directory-tails.js';

/**
 * Whose key it is, by the directory and this machine's clock; one that another process issued a moment ago is looked for
 * in the log.
 */
export class DirectoryKeys implements Authenticator {
  constructor(
    private readonly directory: Pick<Directory, 'authenticate' | 'onChange'>,
    private readonly tails: Pick<DirectoryTails, 'readOn'>,
    private readonly clock: Pick<Clock, 'now'> = SYSTEM_CLOCK,
  ) {}

  authenticate(key: string): Caller | undefined {
    return this.directory.authenticate(key, this.clock.now());
  }

  async authenticateNew(key: string): Promise<Caller | undefined> {
    const parsed = parseKey(key);
    if (!parsed) return undefined;
    await this.tails.readOn(parsed.role === 'bot' ? botStream(parsed.bot) : keysStream(parsed.role));
    return this.authenticate(key);
  }

  onChange(listener: () => void): void {
    this.directory.onChange(({ stream }) => {
      const family = parseStreamName(stream)?.family;
      if (family === 'keys' || family === 'bot') listener();
    });
  }
}
