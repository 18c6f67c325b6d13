/** An event that a node writes by itself. */
export interface SystemEvent {
  readonly stream: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: string;
}

/** The facts about a node at the moment it becomes the leader. */
export interface NodeStart {
  readonly at: Date;
  /** Number of times that it became the leader before. */
  readonly epoch: number;
  /** Positions in the log at which it becomes the leader now, and did so last; -1 if never. */
  readonly position: number;
  readonly previousPosition: number;
  /** UUIDs made for this start. */
  readonly epochId: string;
  readonly instanceId: string;
  /** The standard users that the log lacks; none when clients need not log in. */
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
 * Returns the events that EventStoreDB writes into its log when a node becomes the leader (EpochManager.cs,
 * UserManagementService.cs): an epoch each time, and the two standard users when the log lacks them. Their passwords
 * are left out: `hash` and `salt` are missing.
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
    // The real server omits a field that has the default value of its type.
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
