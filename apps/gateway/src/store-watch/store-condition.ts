/** What this gateway knows of the event store at a moment. */
export type StoreMarks = Readonly<{
  /** Events come from it. */
  connected: boolean;
  /** Milliseconds for which it has answered none of those who write. */
  lostForMs: number;
  /** Why it writes nothing, as it says itself. */
  trouble: string | undefined;
}>;

/** `away`: it can't be reached, or answers nobody. `refusing`: it answers that it can write nothing. */
export type StoreCondition =
  Readonly<{ kind: 'well' | 'away' }> | Readonly<{ kind: 'refusing'; trouble: string }>;

/** What one writer has met for so long is no hiccup of a single call. */
export const LOST_MS = 500;

/** How the store stands towards bots. */
export const storeCondition = ({ connected, lostForMs, trouble }: StoreMarks): StoreCondition => {
  if (!connected) return { kind: 'away' };
  if (trouble !== undefined) return { kind: 'refusing', trouble };
  return { kind: lostForMs >= LOST_MS ? 'away' : 'well' };
};

/** A notice to bots. */
export type StoreNotice = Readonly<{ code: 'store_unavailable' | 'store_restored'; message: string }>;

/** What bots are told when the condition has become another; nothing at the first one that is well. */
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
        message: 'Nothing can be stored at the moment, retrying... What was stored goes on to come',
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
