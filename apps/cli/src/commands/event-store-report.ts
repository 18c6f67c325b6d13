import type { LogCheck } from '#libs/embedded-event-store/check/log-check.js';
import type { Repair } from '#libs/embedded-event-store/check/repair-log.js';
import type { Hole } from '#libs/embedded-event-store/check/segment-survey.js';
import { printable } from '../chat/printable.js';

/** Lines of one kind that are shown; the rest is counted. */
const SHOWN = 50;

/** What a check found, in words. */
export const wordsOfCheck = (folder: string, check: LogCheck, index: string | undefined): string => {
  const { segments, records, bytes, end, damages, torn } = check;
  const lines = [
    `${folder}: ${count(records, 'event')} in ${count(segments.length, 'file')} (${bytes} bytes), the log ends at position ${end}`,
    ...shown(damages, (hole) => `damaged: ${wordsOfHole(hole)}`),
    ...troubles(check, index).map((trouble) => `note: ${trouble}`),
    ...(torn > 0
      ? [
          `note: ${torn} bytes at the end are left of an append that was never answered; the next start cuts them off`,
        ]
      : []),
    damages.length === 0
      ? 'The log is whole.'
      : `The log is damaged in ${count(damages.length, 'place')}. Nothing was changed. "verbatim event-store repair" puts what is whole into another folder.`,
  ];
  return `${lines.join('\n')}\n`;
};

/** What a repair left, and what is gone, in words. */
export const wordsOfRepair = (into: string, { before, after, lost }: Repair): string => {
  const lines = [
    ...shown(before.damages, (hole) => `not copied: ${wordsOfHole(hole)}`),
    ...shown(
      lost.gaps,
      ({ stream, first, last }) => `gone: ${revisions(first, last)} of stream ${printable(stream)}`,
    ),
    ...shown(
      lost.beginnings,
      ({ stream, first, last }) =>
        `gone or scavenged earlier: ${revisions(first, last)} of stream ${printable(stream)}`,
    ),
    `${count(after.records, 'whole event')} are in ${into}, at their positions and revisions; the log ends at position ${after.end}.`,
    'A stream whose last events are gone goes on with their numbers. Rebuild all read models, and compare with a signed checkpoint.',
  ];
  return `${lines.join('\n')}\n`;
};

export const troubles = (check: LogCheck, index: string | undefined): string[] => [
  ...check.troubles,
  ...(index === undefined ? [] : [`index.mdb: ${index}; the next start builds it again`]),
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
