export type Progress = Readonly<{
  events: number;
  /** How much of the selected part of the log has been read, from 0 to 1. */
  done: number;
  eventsPerSecond: number;
  secondsLeft: number;
}>;

/**
 * Returns how far a replay is, by positions. They grow with the bytes of the log, so they show the share well
 * enough.
 */
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

/** Returns one line such as `[=======>        ]  43 %  182000 events  12340/s  0:35 left`. */
export const progressLine = ({ events, done, eventsPerSecond, secondsLeft }: Progress): string => {
  const bar = '='.repeat(Math.round(done * WIDTH)).padEnd(WIDTH);
  const left = `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}`;
  const percent = String(Math.floor(done * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${events} events  ${eventsPerSecond}/s  ${left} left`;
};
