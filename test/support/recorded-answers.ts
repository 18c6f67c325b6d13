import shared from '@eventstore/db-client/generated/shared_pb.js';
import rpc from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { at } from './positioned-event.js';
import { readAnswers } from './read-answers.js';

/** What a recorded server sent, byte for byte; or the end of a call, or the error it failed with. */
export type WireAnswer = Buffer | 'end' | Error;

const NONE = 2n ** 64n - 1n;
const SPACING = 100;

/**
 * Turns the lines of a recording back into what a client receives. Positions get numbers in the order in which their
 * labels first appear, which is the order of the log.
 */
export class RecordedAnswers {
  readonly #labels: string[] = [];

  /** Returns undefined for lines that are not an answer. */
  read(line: string): WireAnswer | undefined {
    const [word, ...rest] = line.split(' ');
    if (word === '--') return undefined;
    if (word === 'confirmed') return readAnswers.confirmed;
    if (line === 'caught up') return readAnswers.caughtUp;
    if (line === 'fell behind') return readAnswers.fellBehind;
    if (line === 'stream not found') return readAnswers.streamNotFound;
    if (word === 'first' || word === 'last') return readAnswers.revisionHint(word, rest.at(-1)!);
    if (word === 'checkpoint') return readAnswers.checkpoint(this.positionOf(rest.join(' ')));
    if (word === 'event') return this.#event(rest[0]!, rest[1]!);
    if (word === 'failed') return failure(JSON.parse(rest.join(' ')) as RecordedFailure);
    return line === 'end' ? 'end' : undefined;
  }

  positionOf(label: string): LogPosition {
    if (label === '2^64-1') return { commit: NONE, prepare: NONE };
    if (!this.#labels.includes(label)) this.#labels.push(label);
    return at((this.#labels.indexOf(label) + 1) * SPACING);
  }

  /** Returns an answer to a batch append. */
  append(recorded: RecordedAppend): InstanceType<typeof streams.BatchAppendResp> {
    const answer = new streams.BatchAppendResp();
    if ('refused' in recorded) {
      const error = new rpc.Status().setCode(recorded.code).setMessage(recorded.refused);
      const details = new any.Any();
      details.setTypeUrl(`type.googleapis.com/event_store.client.${recorded.details}`);
      return answer.setError(error.setDetails(details));
    }
    const success = new streams.BatchAppendResp.Success();
    if (recorded.revision === 'none') success.setNoStream(new googleEmpty.Empty());
    else success.setCurrentRevision(recorded.revision);
    const { commit, prepare } = this.positionOf(recorded.position);
    const place = new shared.AllStreamPosition()
      .setCommitPosition(`${commit}`)
      .setPreparePosition(`${prepare}`);
    return answer.setSuccess(success.setPosition(place));
  }

  #event(type: string, place: string): Buffer {
    const split = place.lastIndexOf('@');
    const position = this.positionOf(type.replace('t-', ''));
    return readAnswers.event({
      stream: place.slice(0, split),
      revision: Number(place.slice(split + 1)),
      type,
      position,
      data: '{}',
    });
  }
}

export type RecordedAppend =
  | Readonly<{ ok: true; revision: string; position: string }>
  | Readonly<{ refused: string; code: number; details: string }>;

type RecordedFailure = Readonly<{ error: keyof typeof status; details: string; exception?: string }>;

const failure = ({ error, details, exception }: RecordedFailure): Error => {
  const metadata = new Metadata();
  if (exception) metadata.set('exception', exception);
  const code = status[error];
  return Object.assign(new Error(`${code} ${error}: ${details}`), { code, details, metadata });
};
