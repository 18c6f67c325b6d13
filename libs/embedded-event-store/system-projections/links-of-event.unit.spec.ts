import { expect, it } from 'vitest';
import { SOFT_DELETE_METADATA } from '../rules/retention.js';
import { linksOfEvent, type SourceEvent } from './links-of-event.js';

const source = (event: Partial<SourceEvent>): SourceEvent => ({
  stream: 'account-1',
  type: 'Opened',
  revision: '3',
  data: Buffer.from('{}'),
  ...event,
});
const links = (event: Partial<SourceEvent>): string[] =>
  linksOfEvent(source(event)).map(({ stream, target }) => `${stream}: ${target}`);

it.each([
  ['of a category', {}, ['$ce-account: 3@account-1', '$et-Opened: 3@account-1']],
  ['of a stream with several dashes', { stream: 'a-b-c' }, ['$ce-a: 3@a-b-c', '$et-Opened: 3@a-b-c']],
  ['of a stream without a category', { stream: 'account' }, ['$et-Opened: 3@account']],
  ['of a stream that begins with a dash', { stream: '-1' }, ['$et-Opened: 3@-1']],
  ['of a system stream', { stream: '$settings' }, []],
  ['of metadata', { stream: '$$account-1', type: '$metadata' }, ['$et-$metadata: 3@account-1']],
  ['of metadata of a system stream', { stream: '$$$settings', type: '$metadata' }, []],
  ['that is a link', { type: '$>', data: Buffer.from('7@other') }, ['$ce-account: 7@other']],
  [
    'that is a tombstone',
    { type: '$streamDeleted', revision: '9223372036854775807' },
    ['$ce-account: 9223372036854775807@account-1', '$et-$deleted: 9223372036854775807@account-1'],
  ],
  [
    'that deletes softly',
    { stream: '$$account-1', type: '$metadata', data: SOFT_DELETE_METADATA },
    ['$ce-account: 3@$$account-1', '$et-$deleted: 3@account-1'],
  ],
] as [string, Partial<SourceEvent>, string[]][])('An event %s', (_title, event, expected) => {
  expect(links(event)).toEqual(expected);
});

it('A link names the stream of its event, and that it was deleted', () => {
  expect(linksOfEvent(source({}))[0]!.metadata).toEqual({ $o: 'account-1' });
  const deletion = { stream: '$$account-1', type: '$metadata', data: SOFT_DELETE_METADATA };
  expect(linksOfEvent(source(deletion)).map(({ metadata }) => metadata)).toEqual([
    { $o: 'account-1', $deleted: -1 },
    { $deleted: -1 },
  ]);
});
