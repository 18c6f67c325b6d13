/** An event's place, as people look for it. */
export type EventPlace = Readonly<{
  /** In the log, as a decimal string. */
  position: string;
  stream?: string;
  revision?: number;
  /** The number of its leaf in the tree, from 0. */
  leaf?: number;
}>;

/**
 * What a finding is about:
 * - `damaged`: an event can't be read
 * - `gap`: revisions of a stream are missing before an event
 * - `order`: an event's position or revision does not follow the one before it
 * - `repeated_id`: a bot's message id is in the log twice
 * - `false_checkpoint`: an event among the checkpoints is none of this log under its key
 * - `changed`: a checkpoint covers other events than the log has
 * - `cut_off`: a checkpoint covers more events than the log has
 */
export type FindingKind =
  'damaged' | 'gap' | 'order' | 'repeated_id' | 'false_checkpoint' | 'changed' | 'cut_off';

/** Something that is wrong with the log. */
export type Finding = Readonly<{
  kind: FindingKind;
  /** A sentence for people. */
  text: string;
  /** The event that is wrong, or the first one that may be. */
  at?: EventPlace;
  /** The last event that may be the first wrong one, where only a range is known. */
  upTo?: EventPlace;
  /** Instead of `at`: the last event of the log, when what comes after it is wrong. */
  after?: EventPlace;
}>;

/** Returns the position of a finding for sorting: what lies behind the log's end comes last. */
const orderOf = ({ at }: Finding): bigint => (at ? BigInt(at.position) : 1n << 63n);

/** Returns findings by the position of the event that is wrong, the first one first. */
export const inLogOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((one, other) => {
    const [a, b] = [orderOf(one), orderOf(other)];
    if (a === b) return 0;
    return a < b ? -1 : 1;
  });
