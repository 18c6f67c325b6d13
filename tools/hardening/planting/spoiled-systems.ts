import { StartedSystems } from '../system/started-systems.js';
import type { SystemSource, SystemUnderTest } from '../system/system-source.js';
import type { Plant } from './plants.js';
import { SpoilingProxy } from './spoiling-proxy.js';

const IN_THE_SERVER: readonly Plant[] = ['leak', 'pause'];

/** Returns systems with these faults planted: some in the server's processes, the others on the way to bots. */
export const spoiledSystems = (planted: ReadonlySet<Plant>): SystemSource =>
  new SpoiledSystems(
    new StartedSystems(
      IN_THE_SERVER.filter((plant) => planted.has(plant)).map(
        (plant) => new URL(`./${plant}.process.js`, import.meta.url),
      ),
    ),
    planted,
  );

class SpoiledSystems implements SystemSource {
  readonly isRemote = false;

  constructor(
    private readonly systems: SystemSource,
    private readonly planted: ReadonlySet<Plant>,
  ) {}

  async open(env?: Readonly<Record<string, string>>): Promise<SystemUnderTest> {
    const system = await this.systems.open(env);
    const proxy = await SpoilingProxy.start(system.api.url, this.planted);
    const close = async (): Promise<void> => {
      await proxy.close();
      await system.close();
    };
    return { ...system, botsUrl: proxy.url, close };
  }
}
