import type { GrpcCall } from '../grpc/grpc-call.js';
import type { EventFilter } from '../rules/event-filter.js';
import { DamagedLog } from '../storage/damaged-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { Framer } from './resolve-link.js';

/** A reader says by it that it is told of damaged events in their place. No other server knows it. */
const HEADER = 'verbatim-damaged';
const TOLD = 'told';

/** How one reader of the log gets entries: which of them, and each as what. */
export type Serving = Readonly<{ wants(entry: LogEntry): boolean; frame: Framer }>;

/**
 * A reader that asks for it is told of a damaged event in its place, where it is known which event it was, and reads on. Nobody
 * knows its type: it is told to all who look for types. To others a damaged event that they want is an error.
 */
export const servingOf = (call: Pick<GrpcCall, 'header'>, filter: EventFilter, frame: Framer): Serving => {
  if (call.header(HEADER) !== TOLD) return { wants: filter, frame };
  return {
    wants: (entry) => {
      try {
        return filter(entry);
      } catch (error) {
        if (error instanceof DamagedLog && entry.isKnownDamage) return true;
        throw error;
      }
    },
    frame: (entry) => (entry.isKnownDamage ? entry.damagedFrame() : frame(entry)),
  };
};
