import { Random } from '#tools/harness/random.js';
import { oddGrpcInput, oddHttp2Frame } from './odd-grpc.js';
import type { Access, GrpcInput } from './odd-grpc.js';
import { oddHttpInput } from './odd-http.js';
import type { HttpInput } from './odd-http.js';
import { oddFrames } from './odd-packets.js';
import type { Frame, Who } from './odd-packets.js';
import { OddValues } from './odd-values.js';
import type { Scene } from './scene.js';

/** How many inputs a script sends to one door, one after the other. */
export const INPUTS_A_SCRIPT = 40;

export type SocketScript = Readonly<{
  door: 'websocket' | 'polling';
  who: Who;
  key: string | undefined;
  inputs: readonly Frame[];
}>;
export type HttpScript = Readonly<{ door: 'http'; inputs: readonly HttpInput[] }>;
export type GrpcScript = Readonly<{ door: 'grpc'; access: Access; inputs: readonly GrpcInput[] }>;
export type Http2Script = Readonly<{ door: 'http2'; isEncrypted: boolean; inputs: readonly Buffer[] }>;
export type Script = SocketScript | HttpScript | GrpcScript | Http2Script;

const WHO: readonly Who[] = ['nobody', 'bot', 'bot', 'bot', 'bot', 'bot', 'admin', 'auditor', 'auditor'];

const times = <T>(make: () => T): T[] => Array.from({ length: INPUTS_A_SCRIPT }, make);

/** Returns the script of this number. It depends only on the arguments. */
export const scriptOf = (seed: number, number: number, scene: Scene, pool: readonly unknown[]): Script => {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const odd = new OddValues(random, pool);
  // Doors at which an input costs little get more of them. A polling payload has many.
  const door = random.next();
  if (door < 0.33) return socketScript('websocket', odd, number, scene);
  if (door < 0.78) return socketScript('polling', odd, number, scene);
  if (door < 0.88) return { door: 'http', inputs: times(() => oddHttpInput(odd, scene)) };
  if (door < 0.985)
    return {
      door: 'grpc',
      access: random.pick(['none', 'wrong', 'password', 'password']),
      inputs: times(() => oddGrpcInput(odd)),
    };
  return { door: 'http2', isEncrypted: random.chance(0.9), inputs: times(() => oddHttp2Frame(odd)) };
};

const socketScript = (
  door: 'websocket' | 'polling',
  odd: OddValues,
  number: number,
  scene: Scene,
): SocketScript => {
  const who = odd.random.pick(WHO);
  const inputs: Frame[] = [];
  while (inputs.length < INPUTS_A_SCRIPT) inputs.push(...oddFrames(odd, who, scene));
  return { door, who, key: keyOf(who, number, scene), inputs: inputs.slice(0, INPUTS_A_SCRIPT) };
};

/**
 * Returns a key for a script. Scripts that run at once use different bots, because a bot's newest connection ends its
 * others.
 */
const keyOf = (who: Who, number: number, { bots, admin, auditor }: Scene): string | undefined =>
  ({ nobody: undefined, bot: bots[number % bots.length], admin, auditor })[who];
