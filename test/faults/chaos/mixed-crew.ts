import { Crew } from '#tools/harness/bots/crew.js';
import type { CrewSize } from '#tools/harness/bots/crew.js';
import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { Random } from '#tools/harness/random.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { PythonBot, PythonBots } from '#test/support/python/python-bots.js';

/** One in this many bots is a Python bot. */
const PYTHON_EVERY = 3;

/**
 * Runs bots in JavaScript and Python. Of 60 bots, 20 are in Python: 10 use WebSocket with asyncio, 6 polling with
 * threads, and 4 polling with asyncio.
 */
export class MixedCrew {
  private constructor(
    readonly crew: Crew<FaultBot | PythonBot>,
    private readonly pythons: readonly PythonBots[],
  ) {}

  static async gather(system: VerbatimApi, random: Random, size: CrewSize, url: string): Promise<MixedCrew> {
    const [sync, async] = [new PythonBots('sync'), new PythonBots('async')];
    // Python bots come in pairs, because every other bot of a crew relies on its stored cursors.
    const pairs = [
      { by: sync, transport: 'polling' },
      { by: async, transport: 'websocket' },
      { by: async, transport: 'polling' },
      { by: async, transport: 'websocket' },
    ] as const;
    try {
      const crew = await Crew.gatherOf<FaultBot | PythonBot>(
        (options, index) => {
          if (index % PYTHON_EVERY !== 0) return new FaultBot(options);
          const { by, transport } = pairs[Math.floor(index / PYTHON_EVERY / 2) % pairs.length]!;
          return by.add(options, transport);
        },
        system,
        random,
        size,
        url,
      );
      return new MixedCrew(crew, [sync, async]);
    } catch (error) {
      await Promise.all([sync.end(), async.end()]);
      throw error;
    }
  }

  /** Ends everything that is left. */
  async end(): Promise<void> {
    this.crew.close();
    await Promise.all(this.pythons.map((python) => python.end()));
  }
}

/** A kind of client that a bot uses, with its transport. */
export type Client = 'JavaScript' | 'Python, WebSocket' | 'Python, polling';

export const CLIENTS: readonly Client[] = ['JavaScript', 'Python, WebSocket', 'Python, polling'];

export const clientOf = (bot: FaultBot | PythonBot): Client => {
  if (bot instanceof FaultBot) return 'JavaScript';
  return bot.transport === 'websocket' ? 'Python, WebSocket' : 'Python, polling';
};
