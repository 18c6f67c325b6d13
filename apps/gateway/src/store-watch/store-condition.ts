/** The state of the event store as this gateway sees it at one moment. */
export type StoreMarks = Readonly<{
  /** Whether events arrive from the store. */
  connected: boolean;
  /** Milliseconds for which the store has not answered any write; 0 while it answers. */
  lostForMs: number;
  /** The reason that the store itself gives for refusing writes. */
  trouble: string | undefined;
}>;

/** `away`: the store cannot be reached or answers nobody. `refusing`: it answers that it cannot write. */
export type StoreCondition =
  Readonly<{ kind: 'well' | 'away' }> | Readonly<{ kind: 'refusing'; trouble: string }>;

/** Milliseconds without an answer to any write after which the store counts as away. A single slow call ends sooner. */
export const LOST_MS = 500;

/** Returns the condition of the store as it concerns bots. */
export const storeCondition = ({ connected, lostForMs, trouble }: StoreMarks): StoreCondition => {
  if (!connected) return { kind: 'away' };
  if (trouble !== undefined) return { kind: 'refusing', trouble };
  return { kind: lostForMs >= LOST_MS ? 'away' : 'well' };
};

/** A notice to bots. */
export type StoreNotice = Readonly<{ code: 'store_unavailable' | 'store_restored'; message: string }>;

/**
 * Returns the notice to bots when the condition has changed, or undefined if there is nothing to say. A first condition
 * that is `well` is not announced.
 */
export const noticeOf = (
  before: StoreCondition['kind'] | undefined,
  { kind }: StoreCondition,
): StoreNotice | undefined => {
  if (before === kind) return undefined;
  switch (kind) {
    case 'away':
      return { code: 'store_unavailable', message: 'Connection lost, retrying...' };
    case 'refusing':
      return {
        code: 'store_unavailable',
        message: 'Nothing can be stored at the moment, retrying... Stored messages still arrive',
      };
    case 'well':
      if (before === undefined) return undefined;
      return {
        code: 'store_restored',
        message:
          before === 'away'
            ? 'Connection to the event store restored'
            : 'The event store takes messages again',
      };
  }
};
