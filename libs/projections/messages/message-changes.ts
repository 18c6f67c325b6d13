import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';

/** What a message says. */
export type Content = Readonly<{ body: string; data?: Json }>;

/** A posted message as it stands. Times are ISO 8601. */
export type MessageState = Readonly<{
  seq: number;
  content: Content;
  /** What it said at first, once it was edited. */
  original?: Content;
  editedAt?: string;
  redactedAt?: string;
  /** Seq of the last change. */
  changedSeq?: number;
}>;

const NOTHING: Content = { body: '' };

/**
 * The message after an edit or redaction of it. Changes that it has seen already, and those from before it was posted,
 * do nothing. Of a redacted message nothing of what it said is kept, and nothing is said any more.
 */
export const changeMessage = (state: MessageState, change: Message): MessageState => {
  if (change.seq <= (state.changedSeq ?? state.seq)) return state;
  if (change.kind === 'posted' || state.redactedAt !== undefined) return state;
  if (change.kind === 'redacted') {
    const { original: _, ...kept } = state;
    return { ...kept, content: NOTHING, redactedAt: change.at, changedSeq: change.seq };
  }
  return {
    ...state,
    original: state.original ?? state.content,
    content: { body: change.body, ...(change.data === undefined ? {} : { data: change.data }) },
    editedAt: change.at,
    changedSeq: change.seq,
  };
};
