/** What a file system says of the room it has. */
export type Room = Readonly<{
  /** Bytes that this user may still write. */
  freeBytes: number;
  /** Names that may still be made; undefined where they are not counted. */
  freeFiles: number | undefined;
}>;

/**
 * `low`: less is free than shall be kept in reserve, or few files may be made: what there are can still grow. `none`: too
 * little for the next append.
 */
export type RoomState = 'enough' | 'low' | 'none';

/** An append may have so many bytes. */
const NONE_BYTES = 1024 * 1024;
const LOW_FILES = 1_000;
/** What was low is enough only with so much more, so that a disk at the border is not told of again and again. */
const MARGIN = 1.05;

/** How a disk stands, given how it stood. A reserve of 0 bytes asks for no warning before it is full. */
export const roomState = (room: Room, reserveBytes: number, before: RoomState): RoomState => {
  const { freeBytes, freeFiles = Number.POSITIVE_INFINITY } = room;
  if (freeBytes < NONE_BYTES) return 'none';
  if (reserveBytes === 0) return 'enough';
  const margin = before === 'enough' ? 1 : MARGIN;
  return freeBytes < reserveBytes * margin || freeFiles < LOW_FILES * margin ? 'low' : 'enough';
};

const MEBIBYTE = 1024 * 1024;

/** In words, as part of a sentence. */
export const describeRoom = ({ freeBytes, freeFiles }: Room): string => {
  const bytes = `${Math.floor(freeBytes / MEBIBYTE)} MiB free`;
  return freeFiles !== undefined && freeFiles < LOW_FILES ? `${bytes}, ${freeFiles} files` : bytes;
};
