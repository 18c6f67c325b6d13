import type { Road } from '../exchange.js';

/** One post, and what was answered. Times in milliseconds, of one clock. */
export type PostSeen = Readonly<{
  body: string;
  sentAt: number;
  answeredAt: number;
  /** Of an accepted one. */
  seq?: number;
  at?: string;
  duplicate?: boolean;
  /** Of a refused one. */
  code?: string;
}>;

export type Delivered = Readonly<{ seq: number; body: string; at: string }>;

/** Many posts of one bot, and what another bot in the channel got of them, in the order in which it came. */
export type BurstSeen = Readonly<{
  road: Road;
  posts: readonly PostSeen[];
  delivered: readonly Delivered[];
}>;

/** Posts of one bot at the same time: each of its own id, and all of one id. */
export type AtOnceSeen = Readonly<{
  road: Road;
  own: readonly PostSeen[];
  same: readonly PostSeen[];
  delivered: readonly Delivered[];
}>;
