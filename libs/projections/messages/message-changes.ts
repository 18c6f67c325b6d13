import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';

/** The content of a message. */
export type Content = Readonly<{ body: string; data?: Json }>;

/** A posted message in its present state. Times are ISO 8601. */
export type MessageState = Readonly<{
  seq: number;
  content: Content;
  /** The original content, if the message was edited. */
  original?: Content;
  editedAt?: string;
  redactedAt?: string;
  /** Seq of the last change. */
  changedSeq?: number;
}>;

const NOTHING: Content = { body: '' };

/**
 * Returns the message after an edit or redaction. Changes that it has seen already, and those from before it was
 * posted, do nothing. A redacted message keeps none of its content, and later edits of it do nothing.
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
