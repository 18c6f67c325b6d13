import type { Message } from '#libs/protocol/message.js';

/** The ways in: HTTP, and Socket.IO by `emit` or, for broken packets, by frames written by hand. */
export type Road = 'http' | 'socket';

/**
 * What a request must be answered with. A text must be the whole message, a pattern must be found in it. Without a code
 * it is refused by Engine.IO, which has none of ours.
 */
export type Expected = 'taken' | Readonly<{ status: number; code?: string; message?: string | RegExp }>;

export type Request =
  | Readonly<{ road: 'http'; method: string; path: string; body?: string | Uint8Array; as: 'admin' | 'bot' }>
  | Readonly<{ road: 'socket'; event: string; args: readonly unknown[] }>
  | Readonly<{ road: 'socket'; auth: object }>;

/** One thing that is asked, as data. */
export type Ask = Readonly<{
  /** For people: what, and where. */
  sent: string;
  request: Request;
  expected: Expected;
  /** Fields of a message that must come back as they went in, if it is taken. */
  keeps?: Partial<Message>;
}>;

/** What was answered, in the words of either road. Over Socket.IO, what was taken has the status 200. */
export type Seen = Readonly<{
  status: number;
  code?: string;
  message?: string;
  /** Of a message that was stored. */
  seq?: number;
  /** All of the answer. */
  text: string;
}>;

/** The ways on which a stored message is read back. */
export const WAYS = ['live', 'history', 'HTTP', 'read model'] as const;
export type Way = (typeof WAYS)[number];
export type CameBack = Readonly<Record<Way, Message | undefined>>;

export type Exchange = Readonly<{
  ask: Ask;
  seen: Seen | 'no answer';
  /** Of an ask that keeps something and was taken. */
  cameBack?: CameBack;
}>;

/** What one group of asks did to the connection they were made over. */
export type Connection = Readonly<{
  /** It is the one from before: nothing closed it. */
  isSame: boolean;
  answers: boolean;
}>;

/** One of the edges: what is tried, as data. */
export type Group = Readonly<{
  id: string;
  what: string;
  /** For people: what must be answered. */
  target: string;
  asks: readonly Ask[];
}>;

/** One group over one road, as it was seen. */
export type GroupSeen = Readonly<{
  group: Pick<Group, 'id' | 'what' | 'target'>;
  road: Road;
  exchanges: readonly Exchange[];
  /** Over Socket.IO. */
  connection?: Connection;
}>;
