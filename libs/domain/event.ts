/** A fact as the rules see it: its name on the wire and its flat JSON payload. */
export type DomainEvent<Type extends string, Data> = Readonly<{ type: Type; data: Readonly<Data> }>;

/** The key that a bot's request came with, and the connection that it came over; over HTTP there is none. */
export type Via = Readonly<{ keyId?: string; connection?: string }>;

/** The actor of an event. Admins and auditors are named by their key id, because one role can have many keys. */
export type Actor = Readonly<
  ({ kind: 'bot'; name: string } & Via) | { kind: 'admin' | 'auditor'; keyId: string } | { kind: 'system' }
>;

/**
 * The metadata that every event carries along with its payload. The names that begin with `$` are a
 * convention of EventStoreDB.
 */
export type EventMetadata = Readonly<{
  actor: Actor;
  $correlationId: string;
  $causationId: string;
  /** Version of the payload's shape. Older versions are upcast when they are read. */
  schema: number;
  /** The process that wrote the event. */
  node: string;
}>;
