import { clock } from '../report/text/figures.js';
import type { News } from '../phases/phase.js';

type Moment = Readonly<{
  title: string;
  /** The number of this phase, from 1. */
  index: number;
  count: number;
  elapsedSeconds: number;
  /** Estimated seconds left of the whole run. */
  leftSeconds: number;
  news: News;
}>;

/** Returns the progress line: the phase, what it is doing, its figures, and the time left. */
export const progressLine = ({ title, index, count, elapsedSeconds, leftSeconds, news }: Moment): string => {
  const figures = Object.entries(news.figures ?? {}).map(([name, value]) => `${name} ${value}`);
  return [
    `${index}/${count} ${title}`,
    ...(news.doing === undefined ? [] : [news.doing]),
    ...figures,
    `${clock(elapsedSeconds)} elapsed, about ${clock(leftSeconds)} left`,
  ].join(' · ');
};
