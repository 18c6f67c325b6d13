import { LoopTurns, TurnShare } from './loop-turns.js';

/**
 * Turns of this process's event loop. Whoever was let in has them together, and nobody of them much; those without a key
 * have fewer, all of them together.
 */
const SENDERS = new LoopTurns(4);
const STRANGERS = new LoopTurns(2);

/** Packets of one connection, and newcomers in all, that are begun in one turn. */
const PACKETS = 16;
const NEWCOMERS = 8;

/** For one connection on which somebody was let in. */
export const shareOfSender = (): TurnShare => new TurnShare(SENDERS, PACKETS);

/** For one connection on which nobody was let in yet. */
export const shareOfStranger = (): TurnShare => new TurnShare(STRANGERS, PACKETS);

/** For all connections that have just come. */
export const shareOfNewcomers = (): TurnShare => new TurnShare(STRANGERS, NEWCOMERS);
