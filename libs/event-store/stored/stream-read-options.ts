import type { StreamRead } from './read-request.js';

/** How to read a stream; by default forwards from its start, all of it. */
export type StreamReadOptions = Readonly<
  Partial<Pick<StreamRead, 'direction' | 'from'>> & {
    limit?: number;
    /** See {@link StreamRead}. */
    onLastRevision?: (revision: number) => void;
  }
>;
