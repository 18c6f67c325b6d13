import type { BotHistory, Logged, Resumes, Step } from './history.js';

/** The record of a run of a system that keeps every promise. Specs break it in one place. */
export type Run = { histories: { -readonly [K in keyof BotHistory]: BotHistory[K] }[]; log: Logged[] };

const CHANNELS = ['red', 'blue'] as const;
const BOTS: readonly [string, Resumes][] = [
  ['ada', 'map'],
  ['bob', 'stored'],
];

/**
 * Returns a run of two bots in two channels over several connections. They post in turn, and both receive each message. The
 * bot that relies on its stored cursor acknowledges every third message; its connections begin at the confirmed seq.
 */
export const honestRun = (size: { messages: number; connections: number }): Run => {
  const log = makeLog(size.messages);
  const histories = BOTS.map(([bot, resumes]) => ({
    bot,
    resumes,
    memberSince: { red: -1, blue: -1 },
    steps: [...posts(bot, log), ...deliveries(resumes, log, size.connections)],
  }));
  return { histories, log };
};

const makeLog = (messages: number): Logged[] =>
  Array.from({ length: messages }, (_, index) => ({
    bot: BOTS[index % 2]![0],
    id: `id-${index}`,
    channel: CHANNELS[(index >> 1) % 2]!,
    seq: ((index >> 2) << 1) + (index % 2),
    body: `message ${index}`,
    at: 1_000 + index,
  }));

const posts = (bot: string, log: readonly Logged[]): Step[] =>
  log
    .filter((message) => message.bot === bot)
    .flatMap(({ id, channel, seq, body, at }, index): Step[] => {
      const [first, second] = [2 * index + 1, 2 * index + 2];
      return [
        { type: 'posting', sending: first, id, channel, body },
        { type: 'answered', sending: first, id, channel, seq, at, duplicate: false, sentAt: at },
        { type: 'posting', sending: second, id, channel, body },
        { type: 'answered', sending: second, id, channel, seq, at, duplicate: true, sentAt: at + 5 },
      ];
    });

const deliveries = (resumes: Resumes, log: readonly Logged[], connections: number): Step[] => {
  const steps: Step[] = [];
  const cursors: Record<string, number> = { red: -1, blue: -1 };
  const reached = { ...cursors };
  for (let connection = 1; connection <= connections; connection += 1) {
    const start = resumes === 'map' ? { ...reached } : { ...cursors };
    steps.push({ type: 'connected', cursors: start });
    for (const { channel, seq, id, bot, body } of log.slice(
      0,
      Math.ceil((log.length * connection) / connections),
    )) {
      if (seq <= start[channel]!) continue;
      steps.push({ type: 'received', channel, seq, id, from: bot, body });
      reached[channel] = Math.max(reached[channel]!, seq);
      if (resumes === 'stored' && seq % 3 === 0) {
        steps.push({ type: 'acknowledging', channel, seq }, { type: 'acknowledged', channel, seq });
        cursors[channel] = Math.max(cursors[channel]!, seq);
      }
    }
    for (const channel of CHANNELS) steps.push({ type: 'caughtup', channel, seq: reached[channel]! });
  }
  return steps;
};
