import type { Place } from '#libs/delivery/place.js';
import type { HeldPages } from './held-pages.js';

type Places = Promise<readonly Place[] | undefined>;

type Page = Readonly<{ after: number; places: Places; unwant: () => void }>;

/** Reads the places after a seq in its turn, unless they are no longer wanted then. Must not reject. */
type Read = (after: number, isWanted: () => boolean) => Places;

/**
 * Reads the next page of a channel's backlog while the one before it is on its way to the bot, so that neither the
 * store nor the bot waits for the other. Holds one page at most.
 */
export class ReadAhead {
  private page: Page | undefined;

  constructor(
    private readonly held: HeldPages,
    private readonly read: Read,
  ) {}

  /** Begins to read the places after a seq. */
  begin(after: number): void {
    this.drop();
    let isWanted = true;
    const places = this.read(after, () => isWanted);
    this.page = { after, places, unwant: () => (isWanted = false) };
    this.held.hold(this.drop);
  }

  /**
   * Returns the places after a seq if their read has begun; else undefined. It resolves to undefined if the read failed,
   * and to an empty list if there was nothing then; neither says what is there now.
   */
  take(after: number): Places | undefined {
    const { page } = this;
    if (page?.after !== after) {
      this.drop();
      return undefined;
    }
    this.held.release(this.drop);
    this.page = undefined;
    return page.places;
  }

  /** Gives up the page that was read ahead, if there is one. */
  readonly drop = (): void => {
    this.held.release(this.drop);
    this.page?.unwant();
    this.page = undefined;
  };
}
