/** Faults that are planted on purpose, to see the run fail: name, and what it does. */
export const PLANTS = {
  leak: 'the server keeps 1 MB more every 100 ms',
  pause: 'the server does nothing for 400 ms every 5 s',
  error: 'now and then a bot is answered an error',
  drop: 'now and then a message does not reach a bot',
  repeat: 'now and then a bot gets a message twice',
  'slow-ack': 'one answer in twenty comes 300 ms late',
  disconnect: 'now and then a connection is lost',
  'late-reconnect': 'nobody is let in for 6 s after a connection was lost',
  'false-ack': 'now and then a post is answered ok that never reaches the server',
  'hide-stale': 'answers of the read side do not say that they are old',
} as const;

export type Plant = keyof typeof PLANTS;

export const isPlant = (name: string): name is Plant => Object.hasOwn(PLANTS, name);
