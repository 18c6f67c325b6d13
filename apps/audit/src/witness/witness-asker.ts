import { formatAddCheckpoint } from '#libs/audit-log/checkpoint/add-checkpoint.js';
import { proveConsistency } from '#libs/audit-log/merkle/make-proof.js';
import { readCosignature } from '#libs/audit-log/witness/cosignatures.js';
import { Backoff } from '#libs/time/backoff.js';
import { sleep } from '#libs/time/sleep.js';
import type { NoteSignature } from '#libs/audit-log/note/note.js';
import type { TreeKeeper } from '../tree/tree-keeper.js';
import type { SeenCheckpoint } from '../tree/seen-checkpoints.js';
import { askWitness, type Witness } from './ask-witness.js';

const LOOK_MS = 250;

export type AskerParts = Readonly<{
  witness: Witness;
  keeper: Pick<TreeKeeper, 'tree' | 'served'>;
  /** Called with a checkpoint and the witness's cosignature of it. */
  onCosigned(checkpoint: SeenCheckpoint, signature: NoteSignature): void;
  say(level: 'info' | 'warn', text: string): void;
  /** Milliseconds that the witness may take. */
  withinMs?: number;
}>;

/**
 * Asks one witness to cosign each newest checkpoint, for as long as the process runs. A witness that is away, slow or
 * hostile costs nothing but its own cosignatures: it is asked again, ever more rarely.
 */
export class WitnessAsker {
  readonly #backoff = new Backoff({ initialMs: 500, maxMs: 60_000 });
  #cosigned: SeenCheckpoint | undefined;
  /** The size that the witness is thought to know. */
  #knows = 0;
  #trouble: string | undefined;

  constructor(private readonly parts: AskerParts) {}

  get name(): string {
    return this.parts.witness.verifier.name;
  }

  /** Why the witness does not cosign; undefined while it does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when the signal aborts. Never throws. */
  async askUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { served } = this.parts.keeper;
      if (!served || served === this.#cosigned) await sleep(LOOK_MS, signal);
      else await this.#ask(served, signal);
    }
  }

  async #ask(checkpoint: SeenCheckpoint, signal: AbortSignal): Promise<void> {
    try {
      await this.#askOnce(checkpoint, signal);
      if (this.#trouble !== undefined) this.parts.say('info', `The witness ${this.name} cosigns again`);
      this.#trouble = undefined;
      this.#backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      const trouble = (error as Error).message;
      if (trouble !== this.#trouble)
        this.parts.say('warn', `The witness ${this.name} does not cosign: ${trouble}`);
      this.#trouble = trouble;
      await sleep(this.#backoff.next(), signal);
    }
  }

  /** Asks a second time when the witness says that it knows another size. @throws Error when that does not help */
  async #askOnce(checkpoint: SeenCheckpoint, signal: AbortSignal): Promise<void> {
    const { witness, withinMs, onCosigned } = this.parts;
    for (const isLast of [false, true]) {
      const answer = await askWitness(witness, await this.#requestFor(checkpoint), signal, withinMs);
      if ('lines' in answer) {
        const signature = readCosignature(answer.lines, checkpoint.text, witness.verifier);
        this.#knows = checkpoint.size;
        this.#cosigned = checkpoint;
        return onCosigned(checkpoint, signature);
      }
      if (answer.knows > checkpoint.size)
        throw new Error(
          `it knows a checkpoint of ${answer.knows} leaves, and this log has ${checkpoint.size}`,
        );
      if (isLast || answer.knows === this.#knows)
        throw new Error(`it says that it knows another log, of ${answer.knows} leaves`);
      this.#knows = answer.knows;
    }
  }

  async #requestFor({ size, text }: SeenCheckpoint): Promise<string> {
    const { tree } = this.parts.keeper;
    if (!tree) throw new Error('the tree is not open');
    const oldSize = Math.min(this.#knows, size);
    return formatAddCheckpoint({
      oldSize,
      proof: await proveConsistency(oldSize, size, tree.nodes),
      checkpoint: text,
    });
  }
}
