import type { Road } from '../exchange.js';

/** One post and its answer. All times are in milliseconds, from one clock. */
export type PostSeen = Readonly<{
  body: string;
  sentAt: number;
  answeredAt: number;
  /** Present if the post was accepted. */
  seq?: number;
  at?: string;
  duplicate?: boolean;
  /** The error code, if the post was refused. */
  code?: string;
}>;

export type Delivered = Readonly<{ seq: number; body: string; at: string }>;

/** Many posts by one bot, and what another bot in the channel received, in the order of arrival. */
export type BurstSeen = Readonly<{
  road: Road;
  posts: readonly PostSeen[];
  delivered: readonly Delivered[];
}>;

/** Posts of one bot at the same time: `own` with an id each, `same` with one shared id. */
export type AtOnceSeen = Readonly<{
  road: Road;
  own: readonly PostSeen[];
  same: readonly PostSeen[];
  delivered: readonly Delivered[];
}>;
