import type { CrewBot } from '#tools/harness/bots/crew-bot.js';
import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import type { BotHistory, Step } from '#tools/harness/checker/history.js';
import { LineProcess } from '../line-process.js';

type Transport = 'websocket' | 'polling';
/** The Python bots leave it to the reader to parse times. */
type ToldStep = Step | (Omit<Extract<Step, { type: 'answered' }>, 'at'> & Readonly<{ at: string }>);
type Told = Readonly<{ bot: string }> &
  Readonly<{ step: ToldStep; lost?: never } | { step?: never; lost: true }>;

/** Debian's Python, which has Debian's python3-socketio. Another Python may come first in the path. */
const PYTHON = '/usr/bin/python3';
const PROGRAM = 'test/support/python/fault_bots.py';

/** Runs a process with bots that use Debian's python3-socketio: its synchronous client or the asyncio one. */
export class PythonBots {
  private readonly bots = new Map<string, PythonBot>();
  private readonly process: LineProcess<Told>;

  constructor(mode: 'sync' | 'async') {
    this.process = new LineProcess(
      [PYTHON, PROGRAM, mode],
      { ...process.env, PYTHONUNBUFFERED: '1' },
      ({ bot, ...told }) => this.bots.get(bot)?.hear(told.step),
      () => this.crashed(),
    );
  }

  /** Adds one more bot, which does nothing until it gets an order. */
  add(options: FaultBotOptions, transport: Transport): PythonBot {
    const bot = new PythonBot(options, transport, (order) => this.process.tell(order));
    this.bots.set(options.bot, bot);
    return bot;
  }

  /** Ends the process and all of its bots. */
  end(): Promise<void> {
    return this.process.end();
  }

  private crashed(): void {
    for (const bot of this.bots.values())
      bot.hear({ type: 'offended', by: `its process ended: ${this.process.stderr.slice(-2_000)}` });
  }
}

/** Keeps what is known of a bot in another process: the steps that it reported, in its order. */
export class PythonBot implements CrewBot {
  private readonly steps: Step[] = [];
  private readonly seen: Record<string, number>;
  private readonly waiting = new Set<string>();
  private isConnected = false;

  constructor(
    private readonly options: FaultBotOptions,
    readonly transport: Transport,
    private readonly order: (order: object) => void,
  ) {
    this.seen = { ...options.memberSince };
  }

  get history(): BotHistory {
    const { bot, resumes, memberSince } = this.options;
    return { bot, resumes, memberSince, steps: this.steps };
  }

  get atWork(): boolean {
    return this.isConnected;
  }

  get unanswered(): number {
    return this.waiting.size;
  }

  lastSeen(channel: string): number {
    return this.seen[channel] ?? Infinity;
  }

  connect(): void {
    const { url, key, resumes, memberSince, random } = this.options;
    const seed = Math.floor(random.next() * 2 ** 32);
    this.tell('connect', { url, transport: this.transport, key, resumes, memberSince, seed });
  }

  talk(perSecond: number): void {
    this.tell('talk', { perSecond });
  }

  fallSilent(): void {
    this.tell('fall silent');
  }

  repeatSome(count: number): void {
    this.tell('repeat', { count });
  }

  close(): void {
    this.tell('leave');
  }

  /** Takes a step that the bot reported. Undefined means that its connection is lost. */
  hear(told: ToldStep | undefined): void {
    if (told) this.take(told);
    else this.isConnected = false;
  }

  private take(told: ToldStep): void {
    const step = told.type === 'answered' ? { ...told, at: new Date(told.at).getTime() } : told;
    this.steps.push(step);
    if (step.type === 'connected') this.isConnected = true;
    else if (step.type === 'received')
      this.seen[step.channel] = Math.max(step.seq, this.seen[step.channel] ?? -1);
    else if (step.type === 'truncated')
      this.seen[step.channel] = Math.max(step.to, this.seen[step.channel] ?? -1);
    else if (step.type === 'posting') this.waiting.add(step.id);
    else if (step.type === 'answered') this.waiting.delete(step.id);
  }

  private tell(what: string, more: object = {}): void {
    this.order({ do: what, bot: this.options.bot, ...more });
  }
}
