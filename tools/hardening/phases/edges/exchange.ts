import type { Message } from '#libs/protocol/message.js';

/** The transports: HTTP and Socket.IO. */
export type Road = 'http' | 'socket';

/**
 * The answer that a request must get. A string must be the whole message, a pattern must match in it. Without a code, the
 * refusal is by Engine.IO, which does not use our codes.
 */
export type Expected = 'taken' | Readonly<{ status: number; code?: string; message?: string | RegExp }>;

export type Request =
  | Readonly<{ road: 'http'; method: string; path: string; body?: string | Uint8Array; as: 'admin' | 'bot' }>
  | Readonly<{ road: 'socket'; event: string; args: readonly unknown[] }>
  | Readonly<{ road: 'socket'; auth: object }>;

/** One request and the answer it must get, as data. */
export type Ask = Readonly<{
  /** What is sent and where, for people. */
  sent: string;
  request: Request;
  expected: Expected;
  /** Fields of the message that must be read back unchanged if it is accepted. */
  keeps?: Partial<Message>;
}>;

/** An answer, in a form that both transports share. Over Socket.IO, an accepted request has the status 200. */
export type Seen = Readonly<{
  status: number;
  code?: string;
  message?: string;
  /** The sequence number of the message, if it was stored. */
  seq?: number;
  /** The whole answer. */
  text: string;
}>;

/** The ways by which a stored message is read back. */
export const WAYS = ['live', 'history', 'HTTP', 'read model'] as const;
type Way = (typeof WAYS)[number];
export type CameBack = Readonly<Record<Way, Message | undefined>>;

export type Exchange = Readonly<{
  ask: Ask;
  seen: Seen | 'no answer';
  /** Present if a message was stored: what each way returned for it. */
  cameBack?: CameBack;
}>;

/** The state of a connection after a group of requests was made over it. */
export type Connection = Readonly<{
  /** Whether it is the connection from before, so that nothing closed it. */
  isSame: boolean;
  answers: boolean;
}>;

/** One edge case: the requests that try it, as data. */
export type Group = Readonly<{
  id: string;
  what: string;
  /** The required answer, for people. */
  target: string;
  asks: readonly Ask[];
}>;

/** The exchanges of one group over one transport. */
export type GroupSeen = Readonly<{
  group: Pick<Group, 'id' | 'what' | 'target'>;
  road: Road;
  exchanges: readonly Exchange[];
  /** Present over Socket.IO only. */
  connection?: Connection;
}>;
