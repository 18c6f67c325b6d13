import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Cancel, Clock } from '#libs/time/clock.js';

const SILENCE_STEP = new Boundary('log.silence');

/**
 * Number and length (in milliseconds) of the steps after which a store that owes answers and gives none counts as
 * silent.
 */
export const SILENCE = { steps: 4, stepMs: 500 } as const;

/**
 * Notices a hanging store: one that closes nothing, answers nobody, and would be waited for until the deadline. Time is
 * counted in steps of this process, so that a pause of this process is not blamed on the store.
 */
export class SilenceWatch {
  #asking = 0;
  #steps = 0;
  #cancel: Cancel | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly onSilent: () => void,
  ) {}

  /** Watches the store until this promise settles. */
  async watchPromise<T>(asked: Promise<T>): Promise<T> {
    this.#asking += 1;
    this.#cancel ??= this.#nextStep();
    try {
      return await asked;
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#rest();
    }
  }

  /** Records that the store has answered somebody. */
  heard(): void {
    this.#steps = 0;
  }

  #nextStep(): Cancel {
    return this.clock.after(SILENCE.stepMs, () => {
      this.#cancel = this.#nextStep();
      SILENCE_STEP.run(() => {
        this.#steps += 1;
        if (this.#steps === SILENCE.steps) this.onSilent();
      });
    });
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#steps = 0;
  }
}
