import {
  ACCESS_STREAM,
  ACTS_STREAM,
  CHECKPOINTS_STREAM,
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

/**
 * A right that a role needs. Reading `$all` is not among them: every role needs it, and the connection was
 * tested with it.
 */
export type Right = Readonly<{ act: 'read' | 'append to' | 'write the metadata of'; stream: string }>;

const GENERAL = 'general';
/** The name of a bot that need not exist, because rights are granted by kinds of streams or by default. */
const NOBODY = 'rights-check';

const STANDS_FOR_ITS_KIND = new RegExp(`-(${NOBODY}.*|${GENERAL})$`, 'u');

/** The streams that hold who is who. Every role reads these, and saves a snapshot of their fold. */
const DIRECTORY = [
  keysStream('admin'),
  keysStream('auditor'),
  botStream(NOBODY),
  channelStream(GENERAL),
  DECISIONS_STREAM,
];
const DIRECTORY_SNAPSHOTS = 'snapshot-directory';

/** The gateway's streams with retention. The gateway sets the retention itself. */
const RETAINED = [
  presenceStream(NOBODY),
  cursorStream(NOBODY, 'default'),
  GATEWAYS_STREAM,
  'snapshot-gateway',
];

/** One stream of each kind that a role writes. The role reads these as well. */
const WRITTEN: Readonly<Record<ServiceRole, readonly string[]>> = {
  gateway: [messagesStream(GENERAL), ...DIRECTORY, ...RETAINED, ACCESS_STREAM, ACTS_STREAM],
  projector: [],
  admin: [keysStream('admin'), ACCESS_STREAM, ACTS_STREAM],
  audit: [ACCESS_STREAM, MILESTONES_STREAM, CHECKPOINTS_STREAM],
};

/** One stream of each kind that a role reads and does not write. */
const READ: Readonly<Record<ServiceRole, readonly string[]>> = {
  gateway: [CHECKPOINTS_STREAM],
  projector: [],
  admin: [],
  audit: [messagesStream(GENERAL)],
};

/** Returns the rights that processes of these roles need, with one stream for each kind. */
export const rightsNeeded = (roles: readonly ServiceRole[]): Right[] => {
  const written = unique([DIRECTORY_SNAPSHOTS, ...roles.flatMap((role) => WRITTEN[role])]);
  const readOnly = roles.flatMap((role) => READ[role]);
  const retained = roles.includes('gateway') ? RETAINED : [];
  return [
    ...unique([...DIRECTORY, ...written, ...readOnly]).map((stream) => ({ act: 'read', stream }) as const),
    ...written.map((stream) => ({ act: 'append to', stream }) as const),
    ...[DIRECTORY_SNAPSHOTS, ...retained].map(
      (stream) => ({ act: 'write the metadata of', stream }) as const,
    ),
  ];
};

const unique = (streams: readonly string[]): string[] => [...new Set(streams)];

/** Returns how messages name a stream: one that stands for all of its kind is named as that kind. */
const kindOf = (stream: string): string => stream.replace(STANDS_FOR_ITS_KIND, '-…');

/** Describes all missing rights in one line, with the streams of each act together. */
export const missingRights = (missing: readonly Right[]): string => {
  const acts = [...new Set(missing.map(({ act }) => act))].map((act) => {
    const streams = missing.filter((right) => right.act === act).map(({ stream }) => kindOf(stream));
    return `${act} ${streams.join(', ')}`;
  });
  return `The user of VERBATIM_EVENTSTORE_URL may not ${acts.join('; nor ')}: grant it in the event store (docs/running.md says which rights are needed)`;
};
