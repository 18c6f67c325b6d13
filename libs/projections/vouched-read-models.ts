import { landmarkFromText } from '#libs/event-store/continuity/landmark.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { LOG_START, comparePositions, keptPositionOf } from '#libs/event-store/position.js';
import { placeInLog } from './builds/place-in-log.js';

type Log = Pick<EventStore, 'holds' | 'landmarkAt'> &
  Readonly<{ continuity: Pick<EventStore['continuity'], 'confirmations'> }>;

/** The stored checkpoint of the active build of a projection. */
type Standing = Readonly<{
  name: string;
  commit_position: string;
  prepare_position: string;
  landmark: string | null;
  displaced: string | null;
}>;

/**
 * Says that the rows of a read model may not belong to the present log. The process that runs its projection rebuilds
 * it.
 */
export class NotOfThisLog extends Error {
  override readonly name = 'NotOfThisLog';

  constructor(readonly readModel: string) {
    super(`The read model ${readModel} belongs to another log and is being rebuilt`);
  }
}

/**
 * Checks for readers whether read models belong to the present log, because the projector may not have compared them
 * yet, or may be away. Compares each one once after a start and once after each loss of the event store. Later builds
 * need no check, because they are made from the log.
 */
export class VouchedReadModels {
  readonly #vouched = new Set<string>();
  #since = -1;

  constructor(private readonly log: Log) {}

  /**
   * Checks these read models. `read` returns their stored checkpoints. A read model without an active build is left to
   * the caller.
   * @throws NotOfThisLog | StoreUnavailable | what `read` throws
   */
  async requireSameLog(
    names: readonly string[],
    read: (sql: string, parameters: unknown[]) => Promise<Standing[]>,
  ): Promise<void> {
    const { confirmations } = this.log.continuity;
    if (confirmations !== this.#since) this.#vouched.clear();
    this.#since = confirmations;
    const unsure = names.filter((name) => !this.#vouched.has(name));
    if (unsure.length === 0) return;
    for (const standing of await read(STANDINGS, [unsure])) {
      if (!(await this.#isOfTheLog(standing))) throw new NotOfThisLog(standing.name);
      if (this.#since === confirmations) this.#vouched.add(standing.name);
    }
  }

  /** Forgets all results, because PostgreSQL was away and may have come back as another copy. */
  forget(): void {
    this.#vouched.clear();
  }

  async #isOfTheLog({ commit_position, prepare_position, landmark, displaced }: Standing): Promise<boolean> {
    if (displaced !== null) return false;
    const position = keptPositionOf(commit_position, prepare_position);
    // Without a position, the read model itself guarantees nothing.
    if (!position || comparePositions(position, LOG_START) === 0) return true;
    const known = landmark === null ? undefined : landmarkFromText(landmark);
    return (await placeInLog(this.log, position, known)) !== undefined;
  }
}

const STANDINGS = `
  SELECT name, commit_position, prepare_position, landmark, displaced
  FROM projection_builds WHERE name = ANY ($1) AND active`;
