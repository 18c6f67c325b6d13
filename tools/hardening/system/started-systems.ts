import { makeHome } from '#tools/harness/system/home.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { SystemSource, SystemUnderTest } from './system-source.js';

const COLLECT_ON_SIGNAL = new URL('../../harness/measure/collect-on-signal.process.js', import.meta.url);

/** Starts systems on this machine: each with a new data folder, a free port, embedded stores and default settings. */
export class StartedSystems implements SystemSource {
  readonly isRemote = false;

  /** @param preloads modules to load into every Node process of a system, before its own code */
  constructor(private readonly preloads: readonly URL[] = []) {}

  async open(env: Readonly<Record<string, string>> = {}): Promise<SystemUnderTest> {
    const home = await makeHome();
    try {
      const local = await startVerbatim({ home, env: { NODE_OPTIONS: this.nodeOptions, ...env } });
      return { api: local, botsUrl: local.url, local, close: () => local.remove() };
    } catch (error) {
      await home.remove();
      throw error;
    }
  }

  private get nodeOptions(): string {
    return [COLLECT_ON_SIGNAL, ...this.preloads].map(({ href }) => `--import=${href}`).join(' ');
  }
}
