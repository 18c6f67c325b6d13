import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { formatSignature } from '#libs/audit-log/note/note.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import { InvalidSettings, SETTINGS, type Settings } from '#libs/platform/config/settings.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { HealthRegistry, type Health } from '#libs/platform/health/health.registry.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import type { NoteSignature } from '#libs/audit-log/note/note.js';
import type { SeenCheckpoint } from '../tree/seen-checkpoints.js';
import { TreeLife } from '../tree/tree-life.js';
import type { Witness } from './ask-witness.js';
import { WitnessAsker } from './witness-asker.js';

const ASKING = new Boundary('audit.witnesses');
const METRICS = new Boundary('metrics');

/** A checkpoint with the cosignatures that came for it, one line for each witness. */
type Cosigned = Readonly<{ checkpoint: SeenCheckpoint; lines: ReadonlyMap<string, string> }>;

/** Asks the configured witnesses for cosignatures, and shows checkpoints with those that came. */
@Injectable()
export class Witnesses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #closing = new AbortController();
  readonly #askers: readonly WitnessAsker[];
  /** The newest checkpoint that any witness has cosigned. */
  #newest: Cosigned | undefined;
  #done: Promise<unknown> = Promise.resolve();

  /** @throws InvalidSettings when the key of a witness is none */
  constructor(
    life: TreeLife,
    @Inject(SETTINGS) { audit }: Settings,
    @Inject(LOGGER) logger: Logger,
    health: HealthRegistry,
    metrics: Registry,
  ) {
    this.#askers = audit.witnesses.map(
      (given) =>
        new WitnessAsker({
          witness: witnessOf(given),
          keeper: life.keeper,
          onCosigned: (...cosigned) => this.#take(...cosigned),
          say: (level, text) => logger[level]({ component: 'audit' }, text),
        }),
    );
    if (this.#askers.length === 0) return;
    health.register('audit-log-witnesses', () => this.#health());
    const gauge: Gauge = new Gauge({
      name: 'verbatim_audit_log_witnesses_silent',
      help: 'How many of the configured witnesses do not cosign at the moment.',
      registers: [metrics],
      collect: METRICS.guard(() => gauge.set(this.#silent().length)),
    });
  }

  onApplicationBootstrap(): void {
    const { signal } = this.#closing;
    this.#done = Promise.all(this.#askers.map((asker) => asker.askUntil(signal)));
    ASKING.run(() => this.#done.then(() => undefined));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  /** Returns a checkpoint as it is shown: with the cosignatures that have come for it. */
  withCosignatures(checkpoint: SeenCheckpoint): string {
    return this.#newest?.checkpoint === checkpoint ? textOf(this.#newest) : checkpoint.text;
  }

  /** Returns the newest checkpoint that a witness has cosigned; undefined for none. */
  newestWitnessed(): string | undefined {
    return this.#newest && textOf(this.#newest);
  }

  #take(checkpoint: SeenCheckpoint, signature: NoteSignature): void {
    if (this.#newest && checkpoint.size < this.#newest.checkpoint.size) return;
    const lines = this.#newest?.checkpoint === checkpoint ? this.#newest.lines : [];
    this.#newest = { checkpoint, lines: new Map([...lines, [signature.name, formatSignature(signature)]]) };
  }

  #silent(): WitnessAsker[] {
    return this.#askers.filter(({ trouble }) => trouble !== undefined);
  }

  /** The log goes on without its witnesses, so they never make the process unready. */
  #health(): Health {
    const silent = this.#silent().map(({ name, trouble }) => `${name}: ${trouble}`);
    return silent.length === 0 ? { ready: true } : { ready: true, detail: silent.join('; ') };
  }
}

const textOf = ({ checkpoint, lines }: Cosigned): string =>
  `${checkpoint.text}${[...lines.values()].join('')}`;

const witnessOf = ({ url, key }: Readonly<{ url: string; key: string }>): Witness => {
  try {
    const verifier = readNoteVerifier(key);
    if (verifier.algorithm === 'cosignature') return { url, verifier };
    throw new RangeError('it is no key of a witness');
  } catch (error) {
    const why = (error as Error).message;
    throw new InvalidSettings([`VERBATIM_AUDIT_WITNESSES has a key that can't be used: ${why}`]);
  }
};
