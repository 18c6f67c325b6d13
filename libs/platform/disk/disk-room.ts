/** The free room that a file system reports. */
export type Room = Readonly<{
  /** Bytes that this user may still write. */
  freeBytes: number;
  /** Files that can still be created; undefined on file systems that do not count them. */
  freeFiles: number | undefined;
}>;

/**
 * State of a disk. `low`: less is free than the reserve, or few files can be created, but existing files can still
 * grow. `none`: the room is too little for the next append.
 */
export type RoomState = 'enough' | 'low' | 'none';

/** Bytes that one append may take. */
const NONE_BYTES = 1024 * 1024;
const LOW_FILES = 1_000;
/**
 * Factor by which the free room must exceed the limit before a low disk counts as `enough` again. It keeps a disk at
 * the limit from being reported again and again.
 */
const MARGIN = 1.05;

/**
 * Returns the state of a disk, given its state before. With a reserve of 0 bytes there is no warning before the disk is
 * full.
 */
export const roomState = (room: Room, reserveBytes: number, before: RoomState): RoomState => {
  const { freeBytes, freeFiles = Number.POSITIVE_INFINITY } = room;
  if (freeBytes < NONE_BYTES) return 'none';
  if (reserveBytes === 0) return 'enough';
  const margin = before === 'enough' ? 1 : MARGIN;
  return freeBytes < reserveBytes * margin || freeFiles < LOW_FILES * margin ? 'low' : 'enough';
};

const MEBIBYTE = 1024 * 1024;

/** Describes the free room in words, as part of a sentence. */
export const describeRoom = ({ freeBytes, freeFiles }: Room): string => {
  const bytes = `${Math.floor(freeBytes / MEBIBYTE)} MiB free`;
  return freeFiles !== undefined && freeFiles < LOW_FILES ? `${bytes}, ${freeFiles} files` : bytes;
};
