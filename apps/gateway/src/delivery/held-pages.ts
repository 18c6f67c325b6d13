/** How many pages may be held at once in this process: 16 of 256 KiB each. */
const MOST_HELD = 16;

/**
 * Bounds how many pages of backlog are held ahead of their turn, over all connections. When there is no room for another
 * one, the oldest is given up: its bot has not asked for it the longest. It is read again when it does.
 */
export class HeldPages {
  private readonly holders = new Set<() => void>();

  constructor(private readonly most = MOST_HELD) {}

  /**
   * Holds a page.
   *
   * @param giveUp called when the page must go, unless it was released before
   */
  hold(giveUp: () => void): void {
    this.holders.add(giveUp);
    for (const oldest of this.holders) {
      if (this.holders.size <= this.most) return;
      this.holders.delete(oldest);
      oldest();
    }
  }

  /** Must be called when the page of this holder is used or dropped. */
  release(giveUp: () => void): void {
    this.holders.delete(giveUp);
  }
}
