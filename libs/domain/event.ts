/** A fact as the rules see it: its name on the wire and its flat JSON payload. */
export type DomainEvent<Type extends string, Data> = Readonly<{ type: Type; data: Readonly<Data> }>;

/** Who acted. Admins and auditors are named by their key id, for one role may have many keys. */
export type Actor = Readonly<
  { kind: 'bot'; name: string } | { kind: 'admin' | 'auditor'; keyId: string } | { kind: 'system' }
>;

/** What every event carries beside its payload. The `$` names are EventStoreDB's own convention. */
export type EventMetadata = Readonly<{
  actor: Actor;
  $correlationId: string;
  $causationId: string;
  /** Version of the payload's shape; older ones are lifted when read. */
  schema: number;
  /** Which process wrote it. */
  node: string;
}>;
