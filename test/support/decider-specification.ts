import { expect } from 'vitest';
import type { RejectionCode } from '#libs/domain/rejection.js';

/** Specifies rules as: given these events, when this command comes, then these events or a refusal. */
export const specify = <Command, State, Event>(
  decide: (command: Command, state: State) => Event[],
  evolve: (state: State, event: Event) => State,
  initial: State,
) => ({
  given: (...events: Event[]) => ({
    when: (command: Command) => {
      const run = (): Event[] => decide(command, events.reduce(evolve, initial));
      return {
        thenRecords: (...expected: Event[]) => expect(run()).toEqual(expected),
        thenRejected: (code: RejectionCode) => expect(run).toThrow(expect.objectContaining({ code })),
      };
    },
  }),
});
