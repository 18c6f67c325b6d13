import { describe, expect, it } from 'vitest';
import { AnswerTimes } from './answer-times.js';

const ofAnswers = (times: readonly number[]): Record<string, number> => {
  const answers = new AnswerTimes();
  for (const [index, time] of times.entries()) {
    answers.sent(`m-${index}`, 1000);
    answers.done(`m-${index}`, 1000 + time);
  }
  return Object.fromEntries(answers.measurements.map(({ key, value }) => [key, value]));
};

describe('the times a consumer takes to answer', () => {
  it('are none before the first answer', () => {
    const answers = new AnswerTimes();
    answers.sent('m', 0);
    answers.done('other', 5);
    expect(answers.measurements).toEqual([]);
  });

  it('have the names of the real server', () => {
    expect(ofAnswers(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
      Mean: 50,
      Median: 51,
      Fastest: 1,
      'Quintile 1': 1,
      'Quintile 2': 21,
      'Quintile 3': 41,
      'Quintile 4': 61,
      'Quintile 5': 81,
      '90%': 91,
      '95%': 96,
      '99%': 100,
      '99.5%': 100,
      '99.9%': 100,
      Highest: 100,
    });
  });

  it('are those of the last thousand answers, and none is below 0 when the clock goes back', () => {
    const times = [9999, ...Array.from({ length: 1000 }, () => -5)];
    expect(ofAnswers(times)).toMatchObject({ Fastest: 0, Highest: 0 });
  });

  it('begin again when a message is sent again', () => {
    const answers = new AnswerTimes();
    answers.sent('m', 0);
    answers.sent('m', 70);
    answers.done('m', 90);
    answers.done('m', 500);
    expect(answers.measurements.at(-1)).toEqual({ key: 'Highest', value: 20 });
  });
});
