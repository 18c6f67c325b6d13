/** An event that a node writes by itself. */
export interface SystemEvent {
  readonly stream: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: string;
}

/** What is known when a node begins to lead. */
export interface NodeStart {
  readonly at: Date;
  /** How often it began before. */
  readonly epoch: number;
  /** Where in the log it begins now, and where it began last; -1: never. */
  readonly position: number;
  readonly previousPosition: number;
  /** UUIDs, made for this start. */
  readonly epochId: string;
  readonly instanceId: string;
  /** Of the standard users, those that the log does not have; none where nobody has to log in. */
  readonly missingUsers: readonly StandardUser[];
}

export interface StandardUser {
  readonly name: string;
  readonly fullName: string;
  readonly group: string;
}

export const EPOCH_STREAM = '$epoch-information';
export const STANDARD_USERS: readonly StandardUser[] = [
  { name: 'admin', fullName: 'Event Store Administrator', group: '$admins' },
  { name: 'ops', fullName: 'Event Store Operations', group: '$ops' },
];

export const userStream = (name: string): string => `$user-${name}`;

/**
 * What EventStoreDB writes into its log when a node begins to lead (EpochManager.cs, UserManagementService.cs): an epoch
 * each time, and its two users into a log that has none. The users' passwords are not in it: `hash` and `salt` are missing.
 */
export const startEvents = (start: NodeStart): SystemEvent[] => [
  epochInformation(start),
  ...start.missingUsers.flatMap(userEvents),
];

const epochInformation = (start: NodeStart): SystemEvent => ({
  stream: EPOCH_STREAM,
  type: EPOCH_STREAM,
  isJson: true,
  data: json({
    epochPosition: start.position,
    // The real server leaves a field out that has the default of its type.
    ...(start.epoch > 0 && { epochNumber: start.epoch }),
    epochId: start.epochId,
    prevEpochPosition: start.previousPosition,
    timeStamp: start.at.toISOString(),
    leaderInstanceId: start.instanceId,
  }),
});

const userEvents = ({ name, fullName, group }: StandardUser): SystemEvent[] => [
  {
    stream: `$$${userStream(name)}`,
    type: '$metadata',
    isJson: true,
    data: json({ $acl: { $w: '$admins', $d: '$admins', $mw: '$admins' } }),
  },
  {
    stream: userStream(name),
    type: '$UserCreated',
    isJson: true,
    data: json({ loginName: name, fullName, groups: [group] }),
  },
  { stream: '$users', type: '$User', isJson: false, data: name },
];

const json = (value: object): string => JSON.stringify(value, undefined, 2);
