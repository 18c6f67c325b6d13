/**
 * Holds the names of changed items that were not told yet, each with the position that an answer must reflect
 * to show the change. Names are told in the order in which they were first noted; a name that is noted again
 * keeps its turn. Beyond `capacity` names, they are all forgotten, and the whole list must be read again.
 */
export class PendingChanges {
  readonly #needed = new Map<string, bigint>();
  #overflowed: boolean;

  constructor(
    private readonly capacity: number,
    /** Whether the whole list must be read at first. */
    unknown: boolean,
  ) {
    this.#overflowed = unknown;
  }

  get size(): number {
    return this.#needed.size;
  }

  noteChange(name: string, position: bigint): void {
    const before = this.#needed.get(name);
    if (before === undefined && this.#needed.size >= this.capacity) return this.overflow();
    if (before === undefined || before < position) this.#needed.set(name, position);
  }

  /** Forgets all names: the whole list must be read again. */
  overflow(): void {
    this.#overflowed = true;
    this.#needed.clear();
  }

  /** Returns whether the whole list must be read again. It says so once; names noted from now on are kept. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return overflowed;
  }

  /**
   * Returns the first names whose changes an answer at position `level` shows. They stay pending until
   * `told`.
   */
  dueNames(level: bigint, limit: number): string[] {
    const names: string[] = [];
    for (const [name, needed] of this.#needed) {
      if (names.length === limit) break;
      if (needed <= level) names.push(name);
    }
    return names;
  }

  /** Removes the names that were told as of position `level`. A name that has changed since stays. */
  removeTold(names: readonly string[], level: bigint): void {
    for (const name of names) {
      const needed = this.#needed.get(name);
      if (needed !== undefined && needed <= level) this.#needed.delete(name);
    }
  }
}
