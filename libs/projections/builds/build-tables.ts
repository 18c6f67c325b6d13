/** Returns the name of a table in one build: `messages` is `messages_g1` in generation 1. */
export type BuildTables = (name: string) => string;

export const tablesOf =
  (generation: number): BuildTables =>
  (name) =>
    `${name}_g${generation}`;
