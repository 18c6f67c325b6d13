import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import type { Random } from '#tools/harness/random.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

/** Where a fault is played: a running system, and the address at which bots and readers reach it. */
export type Stage = Readonly<{
  /** The system itself, for setting up and for reading the log. */
  api: VerbatimApi;
  /** The same as bots and readers see it: planted faults lie between the two. */
  front: VerbatimApi;
  /** Its clock need not agree with ours. */
  isRemote: boolean;
  /** Of bots and channels; no other run has them. */
  prefix: string;
  random: Random;
  /** The run was called off: nothing more is to be started. */
  signal: AbortSignal;
  tell(doing: string): void;
}>;

/** The same stage for one fault, whose names are its own. */
export const stageFor = (stage: Stage, fault: string): Stage => ({
  ...stage,
  prefix: `${stage.prefix}${fault}-`,
  random: stage.random.fork(),
});

/** A network of our own between bots and the system. */
export const openNetwork = ({ front, random }: Stage): Promise<UnrulyNetwork> => {
  const { protocol, hostname, port } = new URL(front.url);
  const isSecure = protocol === 'https:';
  const to = { host: hostname, port: Number(port || (isSecure ? 443 : 80)) };
  return UnrulyNetwork.open(
    () => (isSecure ? connectTls({ ...to, servername: hostname }) : connect({ ...to, allowHalfOpen: true })),
    random.fork(),
  );
};

/** For bots that reach the system by another address: servers that share one tell by this who is meant. */
export const headersFor = ({ front }: Stage): Readonly<Record<string, string>> => ({
  host: new URL(front.url).host,
});

/** A bot of its own in channels where nothing was said yet; not connected. */
export const enroll = async (
  { api }: Stage,
  bot: string,
  channels: readonly string[],
): Promise<Pick<FaultBotOptions, 'bot' | 'key' | 'memberSince'>> => {
  const key = await api.createBot(bot);
  for (const channel of channels) await api.addMember(channel, bot);
  return { bot, key, memberSince: Object.fromEntries(channels.map((channel) => [channel, -1])) };
};

/** A bot behind a network. */
export const botBehind = (
  network: UnrulyNetwork,
  stage: Stage,
  member: Pick<FaultBotOptions, 'bot' | 'key' | 'memberSince'>,
): FaultBot =>
  new FaultBot({
    ...member,
    url: network.url,
    headers: headersFor(stage),
    resumes: 'map',
    random: stage.random.fork(),
  });
