export type Progress = Readonly<{
  events: number;
  /** From 0 to 1; how much of the log's part lies behind. */
  done: number;
  eventsPerSecond: number;
  secondsLeft: number;
}>;

/** How far a replay is, by positions: they grow with the bytes of the log, so they tell the share well enough. Pure. */
export const progressOf = (o: {
  events: number;
  seconds: number;
  first: bigint;
  last: bigint;
  at: bigint;
}): Progress => {
  const whole = Number(o.last - o.first);
  const behind = Number(o.at - o.first);
  const done = whole === 0 ? 1 : Math.min(1, Math.max(0, behind / whole));
  return {
    events: o.events,
    done,
    eventsPerSecond: o.seconds > 0 ? Math.round(o.events / o.seconds) : 0,
    secondsLeft: done > 0 ? Math.ceil((o.seconds * (1 - done)) / done) : 0,
  };
};

const WIDTH = 24;

/** `[=======>        ]  43 %  182000 events  12340/s  0:35 left` */
export const progressLine = ({ events, done, eventsPerSecond, secondsLeft }: Progress): string => {
  const bar = '='.repeat(Math.round(done * WIDTH)).padEnd(WIDTH);
  const left = `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}`;
  const percent = String(Math.floor(done * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${events} events  ${eventsPerSecond}/s  ${left} left`;
};
