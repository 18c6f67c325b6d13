import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { SystemSource, SystemUnderTest } from './system-source.js';

/** A server that is already running, wherever it is. It keeps the bots and channels of the run, which can't be deleted. */
export class RemoteSystem implements SystemSource {
  readonly isRemote = true;

  constructor(
    private readonly url: string,
    private readonly adminKey: string,
  ) {}

  open(): Promise<SystemUnderTest> {
    return Promise.resolve({
      api: new VerbatimApi(this.url, this.adminKey),
      botsUrl: this.url,
      close: () => Promise.resolve(),
    });
  }
}
