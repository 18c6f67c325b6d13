import { WireWriter, fieldSize } from '#libs/protobuf/wire.js';

/** The known facts about a damaged event. */
export type DamagedEvent = Readonly<{
  stream: string;
  revision: number;
  position: number;
  /** Time in ms since 1970. The event was recorded then or earlier. */
  created: number;
}>;

/** The property that holds the reason why the event can't be read. Only this server sends it. */
const DAMAGED = 'damaged';
const NO_ID = '00000000-0000-0000-0000-000000000000';
const TICKS_PER_MS = '0000';

/** Encodes a ReadResp that reports a damaged event in its place: an event without id, type and data. */
export const damagedFrame = (event: DamagedEvent, why: string): Buffer => {
  const { stream, revision, position, created } = event;
  const properties = [
    ['type', ''],
    ['content-type', 'application/octet-stream'],
    ['created', `${Math.floor(created)}${TICKS_PER_MS}`],
    [DAMAGED, why],
  ] as const;
  const recorded = message(1, [
    message(1, [text(2, NO_ID)]),
    message(2, [text(3, stream)]),
    WireWriter.small().uint(3, revision).uint(4, position).uint(5, position).finish(),
    ...properties.map(([key, value]) => message(6, [text(1, key), text(2, value)])),
  ]);
  return message(1, [recorded, WireWriter.small().uint(3, position).finish()]);
};

const text = (field: number, value: string): Buffer => {
  const length = Buffer.byteLength(value);
  return withRoom(length).string(field, value, length).finish();
};

const message = (field: number, parts: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts);
  return withRoom(bytes.length).bytes(field, bytes).finish();
};

/** Returns a writer with room for one field of this many bytes. */
const withRoom = (bytes: number): WireWriter => new WireWriter(Buffer.allocUnsafe(fieldSize(bytes)));
