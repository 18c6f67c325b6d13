/** The proof that a message is in the audit log. All bytes are in base64. */
export type MessageProof = Readonly<{
  bot: string;
  id: string;
  channel: string;
  seq: number;
  /** The signed checkpoint: a C2SP signed note. */
  checkpoint: string;
  /** The number of the leaf, from 0. */
  index: number;
  /** The entry, whose hash is the leaf. */
  entry: string;
  /** The event's data as stored, whose hash is in the entry. Left out once the message was redacted. */
  data?: string;
  /** The path from the leaf to the root (RFC 6962), the lowest hash first. */
  path: readonly string[];
  /** The proof that the checkpoint continues the tree of `since` leaves. */
  consistency?: readonly string[];
}>;
