import type { EventPlace, Finding } from '#libs/audit-verify/finding.js';
import type { Verification, VerificationResult } from '#libs/audit-verify/verification.js';
import { printable } from '../printable.js';

/** A read model that was compared with the log, and its rows that differ: how many, and the keys of the first ones. */
export type ComparedReadModel = Readonly<{
  name: string;
  differences: readonly Readonly<{
    table: string;
    rows: number;
    keys: readonly Readonly<Record<string, unknown>>[];
  }>[];
  /** Why it could not be compared. */
  why?: string;
}>;

/** Everything that `verbatim audit verify` says. */
export type VerifyReport = Readonly<{
  result: VerificationResult;
  /** When the report was made (ISO 8601 UTC), and how long that took. */
  at: string;
  seconds: number;
  /** What was verified: the address of a server, or a file. */
  source: string;
  /** Why the log could not be judged. */
  why?: string;
  log?: Verification;
  readModels?: readonly ComparedReadModel[];
}>;

/** Returns the result of all parts: the worst counts, and nothing is verified that was not judged. */
export const resultOf = (
  log: Verification | undefined,
  readModels: readonly ComparedReadModel[] = [],
): VerificationResult => {
  const isWrong =
    log?.result === 'not_verified' || readModels.some(({ differences }) => differences.length > 0);
  if (isWrong) return 'not_verified';
  return log?.result === 'verified' && readModels.every(({ why }) => why === undefined)
    ? 'verified'
    : 'not_judged';
};

const HEADLINES: Readonly<Record<VerificationResult, string>> = {
  verified: 'Verified: everything is as it was signed.',
  not_verified: 'NOT verified.',
  not_judged: 'Could NOT be judged.',
};

/** One line of a report: what it is about, and what is said. */
export type ReportLine = readonly [about: string, said: string];

/** Returns the first line of a report. */
export const headlineOf = ({ result, log }: VerifyReport): string => {
  const first = log?.findings[0];
  return `${HEADLINES[result]}${first ? ` ${firstWrongOf(first)}` : ''}`;
};

const firstWrongOf = ({ at, upTo, after }: Finding): string => {
  if (at && upTo) return `The first wrong position is one from ${placeOf(at)} to ${placeOf(upTo)}.`;
  if (at) return `The first wrong position is ${placeOf(at)}.`;
  return after
    ? `The first wrong position comes after ${placeOf(after)}, the last event.`
    : 'The log has no events.';
};

/** Returns a place in words. Streams may have been named by anybody. */
export const placeOf = ({ position, stream, revision }: EventPlace): string =>
  stream === undefined ? position : `${position} (revision ${revision} of ${printable(stream)})`;

/** Returns the lines of a report below its headline. */
export const linesOf = (report: VerifyReport): ReportLine[] => {
  const { source, why, log, readModels = [] } = report;
  return [
    ['source', source],
    ...(why === undefined ? [] : [['why', why] as const]),
    ...(log ? logLines(log) : []),
    ...readModels.flatMap(readModelLines),
  ];
};

const logLines = (log: Verification): ReportLine[] => {
  const {
    events,
    streams,
    messages,
    proven,
    checkpoints,
    origin,
    key,
    keyWasGiven,
    setAside,
    findings,
    found,
  } = log;
  const after = events - proven;
  return [
    ...(log.why === undefined ? [] : [['why', log.why] as const]),
    ['events', `${events} in ${streams} streams, ${messages} of them messages`],
    [
      'proven',
      `${proven} events, by ${checkpoints.logged} checkpoints in the log and ${checkpoints.held} from outside`,
    ],
    ...(after > 0 && findings.length === 0
      ? [['not proven', `${after} events, because no checkpoint covers them yet; they are in order`] as const]
      : []),
    ...(setAside > 0 ? [['set aside', `${setAside} events that can't be read, by an admin`] as const] : []),
    ...(origin === undefined ? [] : [['log', origin] as const]),
    ...(key === undefined ? [] : [['key', keyWasGiven ? key : `${key} (named by the log itself)`] as const]),
    ...findings.map((finding): ReportLine => [finding.kind, findingOf(finding)]),
    ...(found > findings.length ? [['more', `${found - findings.length} findings like these`] as const] : []),
  ];
};

const findingOf = ({ at, upTo, text }: Finding): string => {
  const place = at ? `${placeOf(at)}${upTo ? ` to ${placeOf(upTo)}` : ''}: ` : '';
  return `${place}${printable(text)}`;
};

const readModelLines = ({ name, differences, why }: ComparedReadModel): ReportLine[] => {
  const about = `read model ${name}`;
  if (why !== undefined) return [[about, `could not be compared: ${why}`]];
  if (differences.length === 0) return [[about, 'is what the log says']];
  return differences.map(({ table, rows, keys }) => {
    const named = keys.map((key) => printable(JSON.stringify(key))).join(', ');
    return [
      about,
      `${rows} rows of ${table} differ from the log: ${named}${rows > keys.length ? ', …' : ''}`,
    ];
  });
};

/** Returns a report in words, for a terminal. */
export const wordsOf = (report: VerifyReport): string => {
  const lines = linesOf(report);
  const width = Math.max(...lines.map(([about]) => about.length));
  return `${[headlineOf(report), ...lines.map(([about, said]) => `  ${about.padEnd(width)}  ${said}`)].join('\n')}\n`;
};
