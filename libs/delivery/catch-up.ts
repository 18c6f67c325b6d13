import type { Message } from '#libs/protocol/message.js';
import { messagesAtStart, setAsideAtStart } from './place.js';
import type { BatchLimits } from './message-ring.js';
import type { Place } from './place.js';

/**
 * How one connection comes level with one channel, and what happens when it can't keep up: the merge of backlog and
 * live, as a pure state machine.
 *
 * What it guarantees, whatever the interleaving: the messages sent and the places said to be skipped, together with those
 * broadcast between `go-live` and `leave`, are contiguous from the cursor on, none twice. It rests on one rule of its caller: `go-live` joins and `leave`
 * leaves the broadcast in the same tick, before another message can enter the ring.
 */
export type CatchUp = CatchingUp | Live;

type CatchingUp = Readonly<{
  phase: 'catching-up';
  /** Seq of the last message handed to the connection. */
  sent: number;
  /** Batches that the bot has not acknowledged. */
  unacknowledged: number;
  /** It always waits for exactly one thing. A head that moves is none of them. */
  awaiting:
    | Readonly<{ what: 'turn' | 'acknowledgement' }>
    /** `until`: what the channel's head was when the read was asked for. */
    | Readonly<{ what: 'read'; until: number }>;
}>;

type Live = Readonly<{ phase: 'live'; unacknowledged: number }>;

export type CatchUpInput =
  /** The send buffer has room and it is this channel's turn to fill it. */
  | Readonly<{ type: 'turn' }>
  /** What the stream holds after the seq asked for, within the limits of one batch. */
  | Readonly<{ type: 'read'; places: readonly Place[] }>
  | Readonly<{ type: 'acknowledged' }>
  /** Live, but the connection does not take what it is sent: all up to the head lies in its send buffer. */
  | Readonly<{ type: 'overflow' }>;

export type CatchUpAction =
  | Readonly<{ type: 'ask-turn' }>
  | Readonly<{ type: 'read'; after: number }>
  | Readonly<{ type: 'truncated'; from: number; to: number }>
  /** An admin has set these aside: they will not come. */
  | Readonly<{ type: 'skip'; from: number; to: number }>
  | Readonly<{ type: 'send'; messages: readonly Message[]; more: boolean }>
  | Readonly<{ type: 'go-live'; seq: number }>
  | Readonly<{ type: 'leave' }>;

/** What the machine sees of the channel. */
export type ChannelView = Readonly<{
  head: number;
  after(seq: number, limits: BatchLimits): readonly Place[] | undefined;
}>;

export type CatchUpLimits = BatchLimits & Readonly<{ window: number }>;

export type Step = Readonly<{ state: CatchUp; actions: readonly CatchUpAction[] }>;

/** Starts after a cursor (the last seq the bot has). */
export const resumeAfter = (cursor: number, view: ChannelView, limits: CatchUpLimits): Step =>
  goOn({ sent: cursor, unacknowledged: 0 }, view, limits, []);

export const catchUp = (
  state: CatchUp,
  input: CatchUpInput,
  view: ChannelView,
  limits: CatchUpLimits,
): Step => {
  switch (input.type) {
    case 'acknowledged':
      return afterAcknowledgement(state, view, limits);
    case 'overflow':
      return state.phase === 'live' ? fallBack(state, view) : { state, actions: [] };
    case 'turn':
      return state.phase === 'live' || state.awaiting.what !== 'turn'
        ? { state, actions: [] }
        : takeTurn(state, view, limits);
    case 'read':
      return state.phase === 'live' || state.awaiting.what !== 'read'
        ? { state, actions: [] }
        : afterRead(state, state.awaiting.until, input.places, view, limits);
  }
};

type Progress = Pick<CatchingUp, 'sent' | 'unacknowledged'>;

const afterAcknowledgement = (state: CatchUp, view: ChannelView, limits: CatchUpLimits): Step => {
  const acknowledged = { ...state, unacknowledged: Math.max(0, state.unacknowledged - 1) };
  const wasWaiting = acknowledged.phase === 'catching-up' && acknowledged.awaiting.what === 'acknowledgement';
  return wasWaiting ? goOn(acknowledged, view, limits, []) : { state: acknowledged, actions: [] };
};

/** It comes back by its turn, which it gets when its buffer has drained: else it would be live again at once. */
const fallBack = ({ unacknowledged }: Live, view: ChannelView): Step => ({
  state: {
    phase: 'catching-up',
    sent: view.head,
    unacknowledged,
    awaiting: { what: 'turn' },
  },
  actions: [{ type: 'leave' }, { type: 'ask-turn' }],
});

const takeTurn = (state: CatchingUp, view: ChannelView, limits: CatchUpLimits): Step => {
  const { sent, unacknowledged } = state;
  if (sent >= view.head || unacknowledged >= limits.window) return goOn(state, view, limits, []);
  const places = view.after(sent, limits);
  if (places !== undefined) return send(state, places, view, limits, []);
  return {
    state: { ...state, awaiting: { what: 'read', until: view.head } },
    actions: [{ type: 'read', after: sent }],
  };
};

const afterRead = (
  state: CatchingUp,
  until: number,
  places: readonly Place[],
  view: ChannelView,
  limits: CatchUpLimits,
): Step => {
  const { sent } = state;
  const gone = Math.min((places[0]?.seq ?? until + 1) - 1, view.head);
  // Retention took the start of the backlog, or all there was: say so before going on behind the hole.
  const actions: CatchUpAction[] = gone > sent ? [{ type: 'truncated', from: sent + 1, to: gone }] : [];
  // The stream may hold more than has come through the log: that is still to be broadcast.
  const known = places.filter(({ seq }) => seq <= view.head);
  if (known.length > 0) return send(state, known, view, limits, actions);
  return goOn({ ...state, sent: Math.max(sent, gone) }, view, limits, actions);
};

/** What follows a place that is set aside waits for the next turn: a batch has no hole. */
const send = (
  { unacknowledged }: Progress,
  places: readonly Place[],
  view: ChannelView,
  limits: CatchUpLimits,
  actions: readonly CatchUpAction[],
): Step => {
  const skipped = setAsideAtStart(places);
  if (skipped > 0) {
    const [from, to] = [places[0]!.seq, places[skipped - 1]!.seq];
    return goOn({ sent: to, unacknowledged }, view, limits, [...actions, { type: 'skip', from, to }]);
  }
  const messages = messagesAtStart(places);
  const sent = messages.at(-1)!.seq;
  const action: CatchUpAction = { type: 'send', messages, more: sent < view.head };
  return goOn({ sent, unacknowledged: unacknowledged + 1 }, view, limits, [...actions, action]);
};

const goOn = (
  { sent, unacknowledged }: Progress,
  view: ChannelView,
  limits: CatchUpLimits,
  actions: readonly CatchUpAction[],
): Step => {
  if (sent >= view.head)
    return {
      state: { phase: 'live', unacknowledged },
      actions: [...actions, { type: 'go-live', seq: view.head }],
    };
  const full = unacknowledged >= limits.window;
  return {
    state: {
      phase: 'catching-up',
      sent,
      unacknowledged,
      awaiting: { what: full ? 'acknowledgement' : 'turn' },
    },
    actions: full ? actions : [...actions, { type: 'ask-turn' }],
  };
};
