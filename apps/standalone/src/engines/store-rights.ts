import {
  ACCESS_STREAM,
  ACTS_STREAM,
  DECISIONS_STREAM,
  GATEWAYS_STREAM,
  MILESTONES_STREAM,
  botStream,
  channelStream,
  cursorStream,
  keysStream,
  messagesStream,
  presenceStream,
} from '#libs/domain/stream-names.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';

/** `$all` is read by every role; the connection was tried with that. */
export type Right = Readonly<{ act: 'read' | 'append to' | 'write the metadata of'; stream: string }>;

const GENERAL = 'general';
/** Nobody has to be called so: rights are given by kinds of streams, or by default. */
const NOBODY = 'rights-check';

const STANDS_FOR_ITS_KIND = new RegExp(`-(${NOBODY}.*|${GENERAL})$`, 'u');

/** Every role knows who is who: it reads these, and saves what it has folded of them. */
const DIRECTORY = [
  keysStream('admin'),
  keysStream('auditor'),
  botStream(NOBODY),
  channelStream(GENERAL),
  DECISIONS_STREAM,
];
const DIRECTORY_SNAPSHOTS = 'snapshot-directory';

/** Streams of the gateway's with retention, which it sets itself. */
const RETAINED = [
  presenceStream(NOBODY),
  cursorStream(NOBODY, 'default'),
  GATEWAYS_STREAM,
  'snapshot-gateway',
];

/** Streams of each kind that a role writes, and reads as well. */
const WRITTEN: Readonly<Record<ServiceRole, readonly string[]>> = {
  gateway: [messagesStream(GENERAL), ...DIRECTORY, ...RETAINED, ACCESS_STREAM, ACTS_STREAM],
  projector: [],
  admin: [keysStream('admin'), ACCESS_STREAM, ACTS_STREAM],
  audit: [ACCESS_STREAM, MILESTONES_STREAM],
};

/** What processes of these roles do to the log, one stream of each kind. */
export const rightsNeeded = (roles: readonly ServiceRole[]): Right[] => {
  const written = unique([DIRECTORY_SNAPSHOTS, ...roles.flatMap((role) => WRITTEN[role])]);
  const replayed = roles.includes('audit') ? [messagesStream(GENERAL)] : [];
  const retained = roles.includes('gateway') ? RETAINED : [];
  return [
    ...unique([...DIRECTORY, ...written, ...replayed]).map((stream) => ({ act: 'read', stream }) as const),
    ...written.map((stream) => ({ act: 'append to', stream }) as const),
    ...[DIRECTORY_SNAPSHOTS, ...retained].map(
      (stream) => ({ act: 'write the metadata of', stream }) as const,
    ),
  ];
};

const unique = (streams: readonly string[]): string[] => [...new Set(streams)];

/** A stream that stands for all of its kind is spoken of as that kind. */
const kindOf = (stream: string): string => stream.replace(STANDS_FOR_ITS_KIND, '-…');

/** One line for all that is missing, streams of one act together. */
export const missingRights = (missing: readonly Right[]): string => {
  const acts = [...new Set(missing.map(({ act }) => act))].map((act) => {
    const streams = missing.filter((right) => right.act === act).map(({ stream }) => kindOf(stream));
    return `${act} ${streams.join(', ')}`;
  });
  return `The user of VERBATIM_EVENTSTORE_URL may not ${acts.join('; nor ')}: grant it in the event store (docs/running.md says which rights are needed)`;
};
