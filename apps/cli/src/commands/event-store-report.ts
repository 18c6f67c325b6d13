import type { LogCheck } from '#libs/embedded-event-store/check/log-check.js';
import type { Repair } from '#libs/embedded-event-store/check/repair-log.js';
import type { Hole } from '#libs/embedded-event-store/check/segment-survey.js';
import { printable } from '../printable.js';

/** How many lines of one kind are shown. The others are only counted. */
const SHOWN = 50;

/** Describes in words what a check found. */
export const wordsOfCheck = (folder: string, check: LogCheck, index: string | undefined): string => {
  const { segments, records, bytes, end, damages, torn } = check;
  const lines = [
    `${folder}: ${count(records, 'event')} in ${count(segments.length, 'file')} (${bytes} bytes), the log ends at position ${end}`,
    ...shown(damages, (hole) => `damaged: ${wordsOfHole(hole)}`),
    ...troubles(check, index).map((trouble) => `note: ${trouble}`),
    ...(torn > 0
      ? [
          `note: ${torn} bytes at the end belong to an append that was never acknowledged; the next start removes them`,
        ]
      : []),
    damages.length === 0
      ? 'The log is intact.'
      : `The log is damaged in ${count(damages.length, 'place')}. Nothing was changed. "verbatim event-store repair" copies what is intact into another folder.`,
  ];
  return `${lines.join('\n')}\n`;
};

/** Describes in words what a repair copied and what is lost. */
export const wordsOfRepair = (into: string, { before, after, lost }: Repair): string => {
  const lines = [
    ...shown(before.damages, (hole) => `not copied: ${wordsOfHole(hole)}`),
    ...shown(
      lost.gaps,
      ({ stream, first, last }) => `lost: ${revisions(first, last)} of stream ${printable(stream)}`,
    ),
    ...shown(
      lost.beginnings,
      ({ stream, first, last }) =>
        `lost or scavenged earlier: ${revisions(first, last)} of stream ${printable(stream)}`,
    ),
    `${count(after.records, 'intact event')} are in ${into}, at their positions and revisions; the log ends at position ${after.end}.`,
    'A stream that lost its last events will use their revisions again. Rebuild all read models, and compare the log with a signed checkpoint.',
  ];
  return `${lines.join('\n')}\n`;
};

export const troubles = (check: LogCheck, index: string | undefined): string[] => [
  ...check.troubles,
  ...(index === undefined ? [] : [`index.mdb: ${index}; the next start rebuilds it`]),
];

const wordsOfHole = ({ file, offset, position, bytes, what, said }: Hole): string => {
  const place = position === undefined ? '' : `, position ${position}`;
  const event = said ? ` (by its header, revision ${said.revision} of stream ${printable(said.stream)})` : '';
  return `${file}, byte ${offset}${place}, ${count(bytes, 'byte')}: ${what}${event}`;
};

const revisions = (first: number, last: number): string =>
  first === last ? `revision ${first}` : `revisions ${first} to ${last}`;

const shown = <T>(all: readonly T[], words: (one: T) => string): string[] => [
  ...all.slice(0, SHOWN).map(words),
  ...(all.length > SHOWN ? [`… and ${all.length - SHOWN} more (--json lists all)`] : []),
];

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
