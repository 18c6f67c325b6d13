import { sameJson } from '#libs/domain/json.js';
import type { Facts, LogState, Subject, SubjectKind } from './log-state.js';

/** What became of a subject between two places in the log. */
export type Change = Readonly<{ kind: SubjectKind; name: string }> &
  Readonly<
    | { change: 'added'; after: Facts }
    | { change: 'removed'; before: Facts }
    | { change: 'changed'; before: Facts; after: Facts }
  >;

/** Returns what differs between two states, in the order of kinds and names. Equal states have no changes. */
export const changesBetween = (before: LogState, after: LogState): Change[] => {
  const earlier = bySubject(before);
  const later = bySubject(after);
  const names = [...new Set([...earlier.keys(), ...later.keys()])].toSorted();
  return names.flatMap((id) => changeOf(earlier.get(id), later.get(id)) ?? []);
};

const bySubject = (state: LogState): Map<string, Subject> =>
  new Map(state.subjects().map((subject) => [`${subject.kind} ${subject.name}`, subject]));

const changeOf = (before: Subject | undefined, after: Subject | undefined): Change | undefined => {
  if (!before) return after && { kind: after.kind, name: after.name, change: 'added', after: after.facts };
  const { kind, name } = before;
  if (!after) return { kind, name, change: 'removed', before: before.facts };
  if (sameJson({ ...before.facts }, { ...after.facts })) return undefined;
  return { kind, name, change: 'changed', before: before.facts, after: after.facts };
};
