type Ref = Readonly<{
  position: string;
  stream: string;
  revision: number;
  type: string;
  id: string;
  time: string;
}>;
type Actor = Readonly<{ kind: string; name?: string; keyId?: string }>;
type Related = Ref & Readonly<{ relation: string }>;

/** The answer of `GET /v1/audit/why/:id`, as far as people are shown it. */
export type Why = Readonly<{
  event: Ref;
  actor: Actor;
  command: Readonly<{ id: string; correlationId: string }>;
  gateway: string;
  key?: Readonly<{
    keyId: string;
    issued?: Ref & Readonly<{ actor: Actor }>;
    revoked?: Ref & Readonly<{ actor: Actor }>;
  }>;
  connection?: Readonly<{ connection: string; consumer?: string; began?: Ref; ended?: Ref }>;
  causes: readonly Related[];
  effects: readonly Related[];
  more: Readonly<{ causes: boolean; effects: boolean }>;
  unknown: readonly string[];
}>;

/** Returns the explanation of an event as lines for people. */
export const whyLines = (why: Why): string[] => {
  const { event, actor, command, gateway, key, connection, causes, effects, more, unknown } = why;
  return [
    refLine(event),
    `  by           ${actorText(actor)}`,
    `  command      ${command.id}  correlation ${command.correlationId}`,
    `  gateway      ${gateway}`,
    ...(key ? [`  key          ${key.keyId}`] : []),
    ...(key?.issued ? [`    issued     ${key.issued.time}  by ${actorText(key.issued.actor)}`] : []),
    ...(key?.revoked ? [`    revoked    ${key.revoked.time}  by ${actorText(key.revoked.actor)}`] : []),
    ...(connection
      ? [`  connection   ${connection.connection}  consumer ${connection.consumer ?? '-'}`]
      : []),
    ...(connection?.began ? [`    began      ${connection.began.time}`] : []),
    ...(connection?.ended ? [`    ended      ${connection.ended.time}`] : []),
    ...relatedLines('because of', causes, more.causes),
    ...relatedLines('led to', effects, more.effects),
    ...unknown.map((what) => `  not known: ${what}`),
  ];
};

const relatedLines = (heading: string, related: readonly Related[], more: boolean): string[] => [
  ...(related.length > 0 ? [`  ${heading}`] : []),
  ...related.map((one) => `    ${one.relation.padEnd(10)} ${refLine(one)}`),
  ...(more ? ['    and others'] : []),
];

const refLine = ({ position, stream, revision, type, id, time }: Ref): string =>
  `${time}  ${type}  ${stream} ${revision}  id ${id}  position ${position}`;

const actorText = ({ kind, name, keyId }: Actor): string => {
  if (name !== undefined) return `${kind} ${name}`;
  return keyId === undefined ? kind : `${kind} ${keyId}`;
};
