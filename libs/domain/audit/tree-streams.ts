import { CHECKPOINTS_STREAM } from '../stream-names.js';

/**
 * Prefixes of the names of the streams whose events are in the tree of the audit log. Retention removes none of their
 * events.
 */
export const TREE_PREFIXES: readonly string[] = [
  'messages-',
  'channel-',
  'bot-',
  'keys-',
  CHECKPOINTS_STREAM,
];

/** Returns whether the events of a stream are in the tree. */
export const isInTree = (stream: string): boolean =>
  stream === CHECKPOINTS_STREAM || TREE_PREFIXES.slice(0, -1).some((prefix) => stream.startsWith(prefix));
