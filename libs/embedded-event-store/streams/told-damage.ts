import type { GrpcCall } from '../grpc/grpc-call.js';
import type { EventFilter } from '../rules/event-filter.js';
import { DamagedLog } from '../record/damaged-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { Framer } from './resolve-link.js';

/** The header with which a reader asks for reports of damaged events. Only this server knows it. */
const HEADER = 'verbatim-damaged';
const TOLD = 'told';

/** How one reader of the log is served: which entries it gets, and in which form. */
export type Serving = Readonly<{ wants(entry: LogEntry): boolean; frame: Framer }>;

/**
 * Returns how to serve a reader. If it asks for reports of damage, a damaged event that is known is reported in its
 * place, and the reader reads on. Nobody knows the type of such an event, so readers of any types get the report. For
 * other readers, a damaged event that they want is an error.
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
