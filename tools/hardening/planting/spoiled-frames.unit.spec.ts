import { describe, expect, it } from 'vitest';
import type { Plant } from './plants.js';
import { SpoiledFrames } from './spoiled-frames.js';

const message = (seq: number): string => `42/bots,["message",{"seq":${seq}}]`;
const answer = (id: number): string => `43/bots,${id}[{"ok":true}]`;
const spoil = (plant: Plant, frames: readonly string[]) => {
  const spoiled = new SpoiledFrames(new Set([plant]));
  return frames.map((frame) => spoiled.fateOf(frame));
};
const many = (make: (index: number) => string): string[] =>
  Array.from({ length: 4_000 }, (_, index) => make(index));

describe('frames from the server', () => {
  it('pass unchanged without a plant, and so do pings, other events and other namespaces', () => {
    const frames = ['2', '40/bots,{}', '42/bots,["presence",{}]', '42["message",{}]', message(1), answer(1)];
    for (const plant of ['drop', 'repeat', 'error', 'slow-ack', 'disconnect', 'leak'] as const)
      expect(spoil(plant, frames).flatMap((fate) => fate.frames)).toEqual(frames);
  });

  it('lose a message in 199 by `drop`', () => {
    const lost = spoil('drop', many(message)).filter(({ frames }) => frames.length === 0);
    expect(lost).toHaveLength(20);
  });

  it('repeat a message in 173 by `repeat`', () => {
    const twice = spoil('repeat', many(message)).filter(({ frames }) => frames.length === 2);
    expect(twice).toHaveLength(23);
    expect(twice[0]!.frames[0]).toBe(twice[0]!.frames[1]);
  });

  it('refuse one post in 49 by `error`, under its acknowledgement id', () => {
    const fates = spoil('error', many(answer));
    const refused = fates.filter(({ frames }) => frames[0]!.includes('"ok":false'));
    expect(refused).toHaveLength(81);
    expect(fates[48]!.frames[0]).toMatch(/^43\/bots,48\[\{"ok":false,/);
  });

  it('delay one answer in 20 by `slow-ack`', () => {
    expect(spoil('slow-ack', many(answer)).filter(({ delayMs }) => delayMs === 300)).toHaveLength(200);
  });

  it('are cut off after 501 messages by `disconnect`', () => {
    expect(spoil('disconnect', many(message)).filter(({ thenCut }) => thenCut)).toHaveLength(7);
  });
});
