/** Faults that can be planted on purpose to see the run fail: the name of each, and what it does. */
export const PLANTS = {
  leak: 'the server leaks 1 MB every 100 ms',
  pause: 'the server’s event loop stands still for 400 ms every 5 s',
  error: 'now and then a bot gets an error as its answer',
  drop: 'now and then a message does not reach a bot',
  repeat: 'now and then a bot gets a message twice',
  'slow-ack': 'one answer in twenty comes 300 ms late',
  disconnect: 'now and then a connection is lost',
  'late-reconnect': 'no bot can connect for 6 s after a connection was lost',
  'false-ack': 'now and then a post is answered ok that never reaches the server',
  'hide-stale': 'answers of the read side do not say that they are stale',
} as const;

export type Plant = keyof typeof PLANTS;

export const isPlant = (name: string): name is Plant => Object.hasOwn(PLANTS, name);
