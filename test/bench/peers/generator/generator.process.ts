import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './crowd.js';
import { MeasuredWindow } from './measured-window.js';
import type {
  FromGenerator,
  GeneratorPlan,
  LoadFigures,
  LoadOrder,
  OrderName,
  Orders,
  ToGenerator,
} from './orders.js';

type Handlers = {
  [Name in OrderName]: (given: Orders[Name]['given']) => Promise<Orders[Name]['answer']>;
};

/** Carries out a load, and measures its second part. */
const carryOut = async (crowd: Crowd, order: LoadOrder): Promise<LoadFigures> => {
  const begin = performance.now();
  const from = begin + order.warmUpSeconds * 1_000;
  const until = from + order.seconds * 1_000;
  const window = new MeasuredWindow(from, until);
  crowd.window = window;
  if (order.rate > 0) await postAtRate(crowd, order, begin, until);
  else await postInClosedLoop(crowd, order, until);
  crowd.window = undefined;
  return window.figures();
};

/** Posts evenly: message n leaves at n / rate, from the next poster in turn, whatever happened to the ones before. */
const postAtRate = async (
  crowd: Crowd,
  { rate, posters }: LoadOrder,
  begin: number,
  until: number,
): Promise<void> => {
  for (let next = 0; ;) {
    const now = performance.now();
    if (now >= until) return;
    for (let due = begin + (next / rate) * 1_000; due <= now; due = begin + (next / rate) * 1_000) {
      crowd.window?.noteLeft(now, performance.now() - due);
      crowd.post(posters[next % posters.length]!);
      next += 1;
    }
    await pause(1);
  }
};

const postInClosedLoop = async (
  crowd: Crowd,
  { posters, outstanding }: LoadOrder,
  until: number,
): Promise<void> => {
  const again = (poster: number): void => {
    if (performance.now() < until) crowd.post(poster, () => again(poster));
  };
  for (const poster of posters) for (let post = 0; post < outstanding; post += 1) again(poster);
  await pause(until - performance.now());
};

/** How many posts each poster has under way while it fills a log. */
const FILL_OUTSTANDING = 32;

const fill = async (crowd: Crowd, { posters, messages }: Orders['fill']['given']): Promise<void> => {
  let left = messages;
  const again = async (poster: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const error = await new Promise<string | undefined>((resolve) => crowd.post(poster, resolve));
      if (error !== undefined) left += 1;
    }
  };
  await Promise.all(
    posters.flatMap((poster) => Array.from({ length: FILL_OUTSTANDING }, () => again(poster))),
  );
};

const handlersOf = (crowd: Crowd): Handlers => ({
  connect: (bots) => crowd.connect(bots),
  load: (order) => carryOut(crowd, order),
  fill: (order) => fill(crowd, order),
  cut: async (bots) => crowd.cut(bots),
  comeBack: ({ bots, patienceMs }) => crowd.comeBack(bots, patienceMs),
  firstPost: ({ bot, patienceMs }) => crowd.firstPost(bot, patienceMs),
  verdict: (patienceMs) => crowd.settle(patienceMs),
  verdictOf: async (bots) => crowd.verdictOf(bots),
});

const tell = (message: FromGenerator): void => void process.send?.(message);

// The parent is gone, so nobody wants the result.
process.once('disconnect', () => process.exit());
process.once('message', (plan) => {
  const handlers = handlersOf(new Crowd(plan as GeneratorPlan));
  process.on('message', (message) => {
    const { id, name, given } = message as ToGenerator;
    (handlers[name] as (order: unknown) => Promise<unknown>)(given).then(
      (answer) => tell({ id, answer }),
      (error: unknown) => tell({ id, error: String(error) }),
    );
  });
});
