import { v7 as uuidv7 } from 'uuid';
import { waitFor } from '#tools/harness/wait-for.js';
import { askHttp } from '../asking/ask-http.js';
import { askSocket } from '../asking/ask-socket.js';
import type { Road } from '../exchange.js';
import type { Scene } from '../scene.js';
import type { AtOnceSeen, BurstSeen, Delivered, PostSeen } from './stream-seen.js';

const BURST = 100;
/** Over HTTP the burst goes out in waves, because only time orders requests on many connections. */
const WAVES = 10;
const WAVE_MS = 60;
const AT_ONCE = 10;

/** Sends 100 posts within a second; none waits for the answer to another. */
export const burst = async (road: Road, scene: Scene): Promise<BurstSeen> => {
  const bodies = Array.from({ length: BURST }, (_, n) => `burst ${road} ${n}`);
  const posts = road === 'http' ? await inWaves(bodies, scene) : await atOnce(bodies, road, scene);
  return { road, posts, delivered: await deliveredOf(posts, scene) };
};

/** Sends 10 posts at the same time, then the same post 10 times at the same time. */
export const simultaneous = async (road: Road, scene: Scene): Promise<AtOnceSeen> => {
  const own = await atOnce(
    Array.from({ length: AT_ONCE }, (_, n) => `at once ${road} ${n}`),
    road,
    scene,
  );
  const id = uuidv7();
  const same = await atOnce(Array<string>(AT_ONCE).fill(`the same ${road}`), road, scene, id);
  return { road, own, same, delivered: await deliveredOf([...own, ...same], scene) };
};

const inWaves = async (bodies: readonly string[], scene: Scene): Promise<readonly PostSeen[]> => {
  const size = bodies.length / WAVES;
  const waves = Array.from({ length: WAVES }, async (_, n) => {
    await new Promise((resolve) => setTimeout(resolve, n * WAVE_MS));
    return atOnce(bodies.slice(n * size, (n + 1) * size), 'http', scene);
  });
  return (await Promise.all(waves)).flat();
};

const atOnce = (
  bodies: readonly string[],
  road: Road,
  scene: Scene,
  id?: string,
): Promise<readonly PostSeen[]> =>
  Promise.all(bodies.map((body) => post({ id: id ?? uuidv7(), channel: scene.channel, body }, road, scene)));

type Post = Readonly<{ id: string; channel: string; body: string }>;

const post = async (asked: Post, road: Road, scene: Scene): Promise<PostSeen> => {
  const sentAt = performance.now();
  const seen =
    road === 'http'
      ? await askHttp(
          { road, method: 'POST', path: '/v1/messages', body: JSON.stringify(asked), as: 'bot' },
          scene,
        )
      : await askSocket({ road, event: 'post', args: [asked] }, scene);
  const times = { body: asked.body, sentAt, answeredAt: performance.now() };
  if (seen === 'no answer') return { ...times, code: seen };
  if (seen.status >= 300) return { ...times, code: seen.code ?? String(seen.status) };
  const { seq, at, duplicate } = JSON.parse(seen.text) as { seq: number; at: string; duplicate?: boolean };
  return { ...times, seq, at, ...(duplicate === undefined ? {} : { duplicate }) };
};

/** Never throws: a message that does not arrive in time is missing from the result, and is judged there. */
const deliveredOf = async (posts: readonly PostSeen[], scene: Scene): Promise<readonly Delivered[]> => {
  const { watcher, channel } = scene;
  const bodies = new Set(posts.map(({ body }) => body));
  const last = Math.max(-1, ...posts.map(({ seq }) => seq ?? -1));
  await waitFor('the last of them', () => watcher.lastSeq(channel) >= last, 10_000, 5).catch(() => undefined);
  return watcher.messages(channel).filter(({ body }) => bodies.has(body));
};
