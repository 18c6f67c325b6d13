import { describe, expect, it } from 'vitest';
import type { Plant } from './plants.js';
import { SpoiledFrames } from './spoiled-frames.js';

const AT = new Date('2026-01-02T03:04:05.678Z');
const post = (id: number): string => `42/bots,${id}["post",{"id":"m-${id}","channel":"red","body":"a\\nb"}]`;
const answers = (plant: Plant, frames: readonly string[]): (string | undefined)[] => {
  const spoiled = new SpoiledFrames(new Set([plant]));
  return frames.map((frame) => spoiled.falseAnswerTo(frame, AT));
};
const posts = Array.from({ length: 100 }, (_, id) => post(id));

describe('posts on their way to the server', () => {
  it('reach the server without the plant; with it, all other packets of bots still do', () => {
    expect(answers('drop', posts).every((answer) => answer === undefined)).toBe(true);
    const others = Array.from({ length: 100 }, (_, id) => `42/bots,${id}["ack",{"red":${id}}]`);
    expect(answers('false-ack', others).every((answer) => answer === undefined)).toBe(true);
  });

  it('are answered one in 20 by `false-ack`, as the server would answer', () => {
    const made = answers('false-ack', posts).filter((answer) => answer !== undefined);
    expect(made).toHaveLength(5);
    expect(made[0]).toBe(
      '43/bots,19[{"ok":true,"id":"m-19","channel":"red","seq":0,"at":"2026-01-02T03:04:05.678Z"}]',
    );
  });
});
