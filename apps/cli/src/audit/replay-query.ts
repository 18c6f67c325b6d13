import type { Command } from 'commander';

export type ReplayOptions = {
  from?: string;
  to?: string;
  stream?: string;
  type?: string;
  bot?: string;
  channel?: string;
  direction?: string;
  format?: string;
  limit?: string;
};

const PARAMETERS = [
  'from',
  'to',
  'stream',
  'type',
  'bot',
  'channel',
  'direction',
  'format',
  'limit',
] as const;

/** Adds the options of every command that replays. The server checks their values. */
export const withReplayOptions = (command: Command): Command =>
  command
    .option('--from <place>', 'start at this position, or at the first event recorded at this time or later')
    .option('--to <place>', 'end before this position or time')
    .option('--stream <stream>', 'events of this stream')
    .option('--type <type>', 'events of this type')
    .option('--bot <bot>', 'events of this bot')
    .option('--channel <channel>', 'events of this channel')
    .option('--direction <direction>', 'forwards or backwards')
    .option('--format <format>', 'ndjson, csv, spreadsheet (csv without formulas) or cloudevents')
    .option('--limit <count>', 'at most this many events');

export const replayPath = (options: ReplayOptions, more: Readonly<Record<string, string>> = {}): string => {
  const given = PARAMETERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  const query = new URLSearchParams({ ...(Object.fromEntries(given) as Record<string, string>), ...more });
  return `/v1/audit/events?${query.toString()}`;
};
