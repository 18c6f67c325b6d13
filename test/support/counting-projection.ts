import type { Projection } from '#libs/projections/builds/projection.js';

/** A projection that adds a row for each event. An event that is applied twice shows up as two rows. */
export const counting = (onApply?: (bodies: string[]) => Promise<void> | void): Projection => ({
  name: 'seen',
  version: 1,
  // The position is not a key, so that an event can be applied twice without an error.
  tables: [
    {
      name: 'seen',
      columns: { n: 'bigserial', position: 'bigint', body: 'text' },
      key: ['n'],
      derived: ['n'],
    },
  ],
  streamPrefixes: ['messages-'],
  eventTypes: ['MessagePosted'],
  async apply(events, tx, table) {
    const bodies = events.map(({ data }) => (data as { body: string }).body);
    if (bodies.includes('poison')) throw new Error('can not be applied');
    await tx.run(
      `INSERT INTO ${table('seen')} (position, body) SELECT * FROM unnest($1::bigint[], $2::text[])`,
      [events.map(({ position }) => position.commit.toString()), bodies],
    );
    await onApply?.(bodies);
  },
});
