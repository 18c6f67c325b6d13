import { describe, expect, it, vi } from 'vitest';
import type { ConversationCommand } from '#libs/domain/conversation/conversation.decider.js';
import { AcceptedWindow, acceptedKey } from '#libs/delivery/accepted-window.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { SimulatedClock } from '#test/simulation/simulated-clock.js';
import { ConversationRules } from './conversation-rules.js';
import { EarlierMessages } from './earlier-messages.js';
import { Targets } from './targets.js';

const CHANNEL = 'ops';
const post = (index: number): ConversationCommand => ({
  type: 'PostMessage',
  id: `0198f0aa-0000-7000-8000-${String(index).padStart(12, '0')}`,
  channel: CHANNEL,
  bot: 'alice',
  body: `message ${index}`,
});
const posts = (from: number, count: number): ConversationCommand[] =>
  Array.from({ length: count }, (_, index) => post(from + index));

/** Holds the rules of one channel. The log brings a message when the test says so. */
class Scene {
  readonly window = new AcceptedWindow();
  readonly clock = new SimulatedClock(0);
  readonly reads: number[] = [];
  private readonly written: ReturnType<typeof recordedEvent>[] = [];
  private readonly store = { readStream: this.read.bind(this), setAside: new SetAsideEvents() };
  private readonly feeds = new ChannelFeeds(this.store, {
    takePlace: () => undefined,
    takeGap: () => undefined,
  });
  readonly rules: ConversationRules;

  constructor() {
    const earlier = new EarlierMessages(
      this.window,
      { find: () => Promise.reject(new Error('Nothing here is older than the window')) },
      this.store,
    );
    const targets = new Targets(CHANNEL, this.feeds, earlier, new Redactions(), () => []);
    const { store, feeds, window, clock } = this;
    this.rules = new ConversationRules(CHANNEL, targets, {
      store,
      feeds,
      window,
      earlier,
      clock,
      instance: 'i',
      untilLevel: () => Promise.resolve(),
    });
  }

  /** Appends commands, and returns the answers that they get once the log has brought them. */
  append(commands: readonly ConversationCommand[]): ReturnType<ConversationRules['accepted']> {
    const first = this.written.length;
    for (const { id, bot, ...said } of commands) {
      const data = { id, bot, channel: CHANNEL, body: 'body' in said ? said.body : '' };
      this.written.push(recordedEvent(`messages-${CHANNEL}`, this.written.length, 'MessagePosted', data));
    }
    return this.rules.accepted(commands, first);
  }

  /** Lets the log bring the message with this number. */
  bring(seq: number, channel = CHANNEL): void {
    const event = this.written[seq]!;
    const { bot, id } = toMessage(event);
    const commit = BigInt(seq);
    this.window.addAccepted(acceptedKey(bot, `${channel === CHANNEL ? '' : channel}${id}`), {
      channel,
      seq,
      at: 0,
      position: { commit, prepare: commit },
      ours: true,
    });
    if (channel === CHANNEL) this.feeds.takeMessage(toMessage(event));
  }

  /** Lets a second pass for everything that waits. */
  async second(): Promise<void> {
    const until = this.clock.now() + 1_000;
    while (this.clock.step(until));
    await new Promise((resolve) => setImmediate(resolve));
  }

  private async *read(_stream: string, options: { from?: unknown; direction?: string } = {}) {
    if (options.direction === 'backwards') return;
    this.reads.push(Number(options.from));
    yield* this.written.slice(Number(options.from));
  }
}

describe('before an append', () => {
  it('events that the log has not delivered are not searched, however many they are', async () => {
    const scene = new Scene();
    await scene.rules.catchUp();
    void scene.append(posts(0, 1_000));
    const asked = vi.spyOn(scene.window, 'hasTaken');
    await scene.rules.decide(posts(1_000, 1), new Set());
    expect(asked).toHaveBeenCalledTimes(1);
    for (let seq = 0; seq < 400; seq += 1) scene.bring(seq);
    await scene.rules.decide(posts(1_001, 1), new Set());
    expect(asked).toHaveBeenCalledTimes(1 + 401);
    await scene.rules.decide(posts(1_002, 1), new Set());
    expect(asked).toHaveBeenCalledTimes(1 + 401 + 1);
  });

  it('a message is known from its append on, before and after the log delivers it', async () => {
    const scene = new Scene();
    await scene.rules.catchUp();
    void scene.append(posts(0, 2));
    const again = async (): Promise<string[]> =>
      (await scene.rules.decide([post(0), post(1)], new Set())).map(({ kind }) => kind);
    const asking = again();
    scene.bring(0);
    scene.bring(1);
    expect(await asking).toEqual(['answer', 'answer']);
    expect(await again()).toEqual(['answer', 'answer']);
  });
});

describe('an acknowledgement', () => {
  it('waits as long as the log delivers other events, and reads nothing', async () => {
    const scene = new Scene();
    await scene.rules.catchUp();
    const answered = scene.append(posts(0, 10));
    for (let seq = 0; seq < 9; seq += 1) {
      await scene.second();
      scene.bring(seq);
    }
    scene.bring(9);
    expect((await answered).map((answer) => 'seq' in answer && answer.seq)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(scene.reads).toEqual([]);
  });

  it('reads its message itself when the log has delivered nothing for a second', async () => {
    const scene = new Scene();
    await scene.rules.catchUp();
    const answered = scene.append(posts(0, 3));
    await waitFor('somebody to wait', () => scene.clock.step(1_000));
    expect(await answered).toHaveLength(3);
    expect(scene.reads).toContain(0);
  });
});
