import type { Plant } from './plants.js';

/** What happens to a frame on its way to a bot. */
export type Fate = Readonly<{ frames: readonly string[]; delayMs: number; thenCut: boolean }>;

/** How often each fault strikes. The numbers have no common factor, so that planted faults do not hide each other. */
const EVERY: Readonly<Partial<Record<Plant, number>>> = {
  error: 49,
  drop: 199,
  repeat: 173,
  'slow-ack': 20,
  disconnect: 501,
};

const MESSAGE = /^42\/bots,\["message",/;
const ANSWER = /^43\/bots,(\d+)\[/;
const FALSE_ACK_EVERY = 20;
const POST = /^42\/bots,(\d+)(\["post",.*)$/s;
const REFUSAL = {
  ok: false,
  error: { code: 'internal', status: 500, message: 'Planted by verbatim hardening', retryable: false },
};

/** Decides what happens to each frame of one connection. It counts frames, so that a run can be repeated. */
export class SpoiledFrames {
  private messages = 0;
  private answers = 0;
  private posts = 0;

  constructor(private readonly planted: ReadonlySet<Plant>) {}

  /** Decides about a frame to a bot. @param frame an Engine.IO packet that contains a Socket.IO packet, as text */
  fateOf(frame: string): Fate {
    if (MESSAGE.test(frame)) return this.ofMessage(frame);
    const answer = ANSWER.exec(frame);
    return answer ? this.ofAnswer(frame, answer[1]!) : untouched(frame);
  }

  /**
   * Returns a false answer for a frame that will not reach the server; undefined for a frame that is passed on.
   * @param at the time in the answer
   */
  falseAnswerTo(frame: string, at: Date): string | undefined {
    const post = POST.exec(frame);
    if (!post) return undefined;
    this.posts += 1;
    if (!this.planted.has('false-ack') || this.posts % FALSE_ACK_EVERY !== 0) return undefined;
    const [, { id, channel }] = JSON.parse(post[2]!) as [string, { id: string; channel: string }];
    return `43/bots,${post[1]}${JSON.stringify([{ ok: true, id, channel, seq: 0, at: at.toISOString() }])}`;
  }

  private ofMessage(frame: string): Fate {
    this.messages += 1;
    if (this.strikes('drop', this.messages)) return { ...untouched(frame), frames: [] };
    if (this.strikes('repeat', this.messages)) return { ...untouched(frame), frames: [frame, frame] };
    return { ...untouched(frame), thenCut: this.strikes('disconnect', this.messages) };
  }

  private ofAnswer(frame: string, id: string): Fate {
    this.answers += 1;
    if (this.strikes('error', this.answers)) return untouched(`43/bots,${id}${JSON.stringify([REFUSAL])}`);
    return { ...untouched(frame), delayMs: this.strikes('slow-ack', this.answers) ? 300 : 0 };
  }

  private strikes(plant: Plant, count: number): boolean {
    return this.planted.has(plant) && count % (EVERY[plant] ?? Infinity) === 0;
  }
}

const untouched = (frame: string): Fate => ({ frames: [frame], delayMs: 0, thenCut: false });
