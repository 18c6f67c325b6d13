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

/** What every command that replays takes; the server says what is wrong with it. */
export const withReplayOptions = (command: Command): Command =>
  command
    .option('--from <place>', 'a position or time: from this event on, or the first recorded then or later')
    .option('--to <place>', 'a position or time: up to there, without it')
    .option('--stream <stream>', 'events of this stream')
    .option('--type <type>', 'events of this type')
    .option('--bot <bot>', 'events of this bot')
    .option('--channel <channel>', 'events of this channel')
    .option('--direction <direction>', 'forwards or backwards')
    .option('--format <format>', 'ndjson, csv, spreadsheet (csv without formulas) or cloudevents')
    .option('--limit <count>', 'most events');

export const replayPath = (options: ReplayOptions, more: Readonly<Record<string, string>> = {}): string => {
  const given = PARAMETERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  const query = new URLSearchParams({ ...(Object.fromEntries(given) as Record<string, string>), ...more });
  return `/v1/audit/events?${query.toString()}`;
};
