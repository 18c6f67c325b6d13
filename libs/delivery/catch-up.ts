import type { Message } from '#libs/protocol/message.js';
import type { BatchLimits } from './message-ring.js';

/**
 * How one connection comes level with one channel: the merge of backlog and live, as a pure state machine.
 *
 * What it guarantees, whatever the interleaving: the messages sent, followed by those broadcast after `go-live`, are
 * contiguous from the cursor on, none twice. It rests on one rule of its caller: `go-live` joins the broadcast in the
 * same tick, before another message can enter the ring.
 */
export type CatchUp =
  | Readonly<{
      phase: 'catching-up';
      /** Seq of the last message handed to the connection. */
      sent: number;
      /** Last seq of each batch the bot has not acknowledged, oldest first. */
      unacknowledged: readonly number[];
      /** A read from the stream is under way. */
      reading: boolean;
    }>
  | Readonly<{ phase: 'live' }>;

/** A head that moves is no input: while catching up, the machine always waits for one of these two. */
export type CatchUpInput =
  Readonly<{ type: 'read'; messages: readonly Message[] }> | Readonly<{ type: 'acknowledged' }>;

export type CatchUpAction =
  | Readonly<{ type: 'read'; after: number }>
  | Readonly<{ type: 'truncated'; from: number; to: number }>
  | Readonly<{ type: 'send'; messages: readonly Message[]; more: boolean }>
  | Readonly<{ type: 'go-live'; seq: number }>;

/** What the machine sees of the channel. */
export type ChannelView = Readonly<{
  head: number;
  after(seq: number, limits: BatchLimits): readonly Message[] | undefined;
}>;

export type CatchUpLimits = BatchLimits & Readonly<{ window: number }>;

export type Step = Readonly<{ state: CatchUp; actions: readonly CatchUpAction[] }>;

/** Starts after a cursor (the last seq the bot has). */
export const resumeAfter = (cursor: number, view: ChannelView, limits: CatchUpLimits): Step =>
  advance({ phase: 'catching-up', sent: cursor, unacknowledged: [], reading: false }, view, limits, []);

export const catchUp = (
  state: CatchUp,
  input: CatchUpInput,
  view: ChannelView,
  limits: CatchUpLimits,
): Step => {
  if (state.phase === 'live') return { state, actions: [] };
  switch (input.type) {
    case 'acknowledged':
      return advance({ ...state, unacknowledged: state.unacknowledged.slice(1) }, view, limits, []);
    case 'read':
      return afterRead({ ...state, reading: false }, input.messages, view, limits);
  }
};

type CatchingUp = Extract<CatchUp, { phase: 'catching-up' }>;

const afterRead = (
  state: CatchingUp,
  messages: readonly Message[],
  view: ChannelView,
  limits: CatchUpLimits,
): Step => {
  const first = messages[0];
  if (first === undefined) return advance(state, view, limits, []);
  const actions: CatchUpAction[] = [];
  // Retention took the start of the backlog: say so before going on behind the hole.
  if (first.seq > state.sent + 1)
    actions.push({ type: 'truncated', from: state.sent + 1, to: first.seq - 1 });
  const sent = sendBatch(state, messages, view, actions);
  return advance(sent, view, limits, actions);
};

const advance = (
  from: CatchingUp,
  view: ChannelView,
  limits: CatchUpLimits,
  actions: CatchUpAction[],
): Step => {
  let state = from;
  while (!state.reading) {
    if (state.sent >= view.head) {
      actions.push({ type: 'go-live', seq: view.head });
      return { state: { phase: 'live' }, actions };
    }
    if (state.unacknowledged.length >= limits.window) break;
    const messages = view.after(state.sent, limits);
    if (messages === undefined) {
      actions.push({ type: 'read', after: state.sent });
      state = { ...state, reading: true };
    } else {
      state = sendBatch(state, messages, view, actions);
    }
  }
  return { state, actions };
};

const sendBatch = (
  state: CatchingUp,
  messages: readonly Message[],
  view: ChannelView,
  actions: CatchUpAction[],
): CatchingUp => {
  const sent = messages.at(-1)!.seq;
  actions.push({ type: 'send', messages, more: sent < view.head });
  return { ...state, sent, unacknowledged: [...state.unacknowledged, sent] };
};
