import type { Message } from '#libs/protocol/message.js';
import { messagesAtStart, setAsideAtStart } from './place.js';
import type { BatchLimits } from './message-ring.js';
import type { Place } from './place.js';

/**
 * Decides how one connection catches up with one channel, and what happens when it cannot keep up. It merges
 * backlog and live messages, as a pure state machine.
 *
 * It guarantees, for every interleaving: the messages sent and the places reported as skipped, together with
 * the messages broadcast between `go-live` and `leave`, are contiguous from the cursor on, and none comes
 * twice. This relies on one rule for its caller: `go-live` joins the broadcast and `leave` leaves it in the
 * same tick, before another message can enter the ring.
 */
export type CatchUp = CatchingUp | Live;

type CatchingUp = Readonly<{
  phase: 'catching-up';
  /** Seq of the last message handed to the connection. */
  sent: number;
  /** How many batches the bot has not acknowledged. */
  unacknowledged: number;
  /** The one thing that it waits for. It never waits for a new head. */
  awaiting:
    | Readonly<{ what: 'turn' | 'acknowledgement' }>
    /** `until` is the channel's head at the time the read was requested. */
    | Readonly<{ what: 'read'; until: number }>;
}>;

type Live = Readonly<{ phase: 'live'; unacknowledged: number }>;

export type CatchUpInput =
  /** The send buffer has room, and it is this channel's turn to fill it. */
  | Readonly<{ type: 'turn' }>
  /** The places that the stream holds after the requested seq, within the limits of one batch. */
  | Readonly<{ type: 'read'; places: readonly Place[] }>
  | Readonly<{ type: 'acknowledged' }>
  /**
   * The connection is live but does not read what it is sent: everything up to the head is in its send
   * buffer.
   */
  | Readonly<{ type: 'overflow' }>;

export type CatchUpAction =
  | Readonly<{ type: 'ask-turn' }>
  | Readonly<{ type: 'read'; after: number }>
  | Readonly<{ type: 'truncated'; from: number; to: number }>
  /** An admin has set these messages aside, so they will not be delivered. */
  | Readonly<{ type: 'skip'; from: number; to: number }>
  | Readonly<{ type: 'send'; messages: readonly Message[]; more: boolean }>
  | Readonly<{ type: 'go-live'; seq: number }>
  | Readonly<{ type: 'leave' }>;

/** The part of a channel that the machine sees. */
export type ChannelView = Readonly<{
  head: number;
  after(seq: number, limits: BatchLimits): readonly Place[] | undefined;
}>;

export type CatchUpLimits = BatchLimits & Readonly<{ window: number }>;

export type Step = Readonly<{ state: CatchUp; actions: readonly CatchUpAction[] }>;

/** Starts the delivery after a cursor (the last seq that the bot has). */
export const resumeAfter = (cursor: number, view: ChannelView, limits: CatchUpLimits): Step =>
  goOn({ sent: cursor, unacknowledged: 0 }, view, limits, []);

/** Returns the next state and the actions to carry out. An input that does not fit the state changes nothing. */
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

/**
 * Takes a live connection back to catching up. It gets its turn only when its buffer has drained; otherwise
 * it would be live again at once.
 */
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
  // Retention has removed the start of the backlog, or all of it. Say so before continuing after the gap.
  const actions: CatchUpAction[] = gone > sent ? [{ type: 'truncated', from: sent + 1, to: gone }] : [];
  // The stream may hold messages that the log has not delivered yet. They will be broadcast.
  const known = places.filter(({ seq }) => seq <= view.head);
  if (known.length > 0) return send(state, known, view, limits, actions);
  return goOn({ ...state, sent: Math.max(sent, gone) }, view, limits, actions);
};

/**
 * Sends a batch or skips the places set aside at its start. What follows a place that is set aside waits for
 * the next turn, so that a batch has no gap.
 */
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
