import type { Json } from '#libs/domain/json.js';

/** Lifts the data of one event type from one schema version to the next. It is a pure function. */
export type Lift = (data: Json) => Json;

/**
 * Lifts old versions of events when they are read. The same registry is behind every read and subscription, so that
 * live delivery, replay, rebuild and export see the same shape.
 */
export class Upcasters {
  readonly #lifts = new Map<string, Map<number, Lift>>();

  /**
   * Declares how `type` gets from schema `from` to `from + 1`.
   * @throws Error when that step is declared twice, because the later one must not win silently
   */
  register(type: string, from: number, lift: Lift): this {
    const steps = this.#lifts.get(type) ?? new Map<number, Lift>();
    if (steps.has(from)) throw new Error(`${type} has two upcasters from schema ${from} to ${from + 1}`);
    this.#lifts.set(type, steps.set(from, lift));
    return this;
  }

  /** Returns the newest version of a type that this registry can produce; 1 when nothing is declared for it. */
  newest(type: string): number {
    return Math.max(1, ...[...(this.#lifts.get(type)?.keys() ?? [])].map((from) => from + 1));
  }

  /**
   * Lifts stored data to the newest version it can reach, and returns that version. Versions that are newer than ours
   * stay unchanged.
   */
  lift(type: string, schema: number, data: Json): { schema: number; data: Json } {
    const steps = this.#lifts.get(type);
    let lifted = { schema, data };
    for (let step = steps?.get(schema); step; step = steps?.get(lifted.schema)) {
      lifted = { schema: lifted.schema + 1, data: step(lifted.data) };
    }
    return lifted;
  }
}
