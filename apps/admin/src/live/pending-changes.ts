/**
 * Names of what has changed and was not told yet, each with the position that an answer must reflect to show it. First
 * noted, first told; a name noted again keeps its turn. Bounded: beyond `capacity` the names are forgotten and the whole
 * is to be read again.
 */
export class PendingChanges {
  readonly #needed = new Map<string, bigint>();
  #overflowed: boolean;

  constructor(
    private readonly capacity: number,
    /** Whether all of it is to be read at first. */
    unknown: boolean,
  ) {
    this.#overflowed = unknown;
  }

  get size(): number {
    return this.#needed.size;
  }

  note(name: string, position: bigint): void {
    const before = this.#needed.get(name);
    if (before === undefined && this.#needed.size >= this.capacity) return this.overflow();
    if (before === undefined || before < position) this.#needed.set(name, position);
  }

  /** All of it is to be read again. */
  overflow(): void {
    this.#overflowed = true;
    this.#needed.clear();
  }

  /** Whether all of it is to be read again, said once: what is noted from now on is kept. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return overflowed;
  }

  /** The first names that an answer at `level` shows as they are. They stay until they are {@link told}. */
  due(level: bigint, limit: number): string[] {
    const names: string[] = [];
    for (const [name, needed] of this.#needed) {
      if (names.length === limit) break;
      if (needed <= level) names.push(name);
    }
    return names;
  }

  /** They were told as of `level`; one that has changed since stays. */
  told(names: readonly string[], level: bigint): void {
    for (const name of names) {
      const needed = this.#needed.get(name);
      if (needed !== undefined && needed <= level) this.#needed.delete(name);
    }
  }
}
