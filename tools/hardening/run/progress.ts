import { clock } from '../report/text/figures.js';
import type { News } from '../phases/phase.js';

type Moment = Readonly<{
  title: string;
  /** Of all phases: which one this is. */
  index: number;
  count: number;
  elapsedSeconds: number;
  /** Of the whole run, as it is expected. */
  leftSeconds: number;
  news: News;
}>;

/** One line: which phase, what it does, its figures, and the time left. */
export const progressLine = ({ title, index, count, elapsedSeconds, leftSeconds, news }: Moment): string => {
  const figures = Object.entries(news.figures ?? {}).map(([name, value]) => `${name} ${value}`);
  return [
    `${index}/${count} ${title}`,
    ...(news.doing === undefined ? [] : [news.doing]),
    ...figures,
    `${clock(elapsedSeconds)} gone, about ${clock(leftSeconds)} left`,
  ].join(' · ');
};
