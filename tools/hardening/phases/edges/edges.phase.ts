import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Findings, Row } from '../../report/hardening-report.js';
import type { Phase, PhaseContext } from '../phase.js';
import { askGroup } from './asking/ask-group.js';
import type { Group, GroupSeen } from './exchange.js';
import { malformedJson } from './groups/malformed-json.group.js';
import { names, nothing, sql } from './groups/place.groups.js';
import { depth, empty, size, unicode } from './groups/text.groups.js';
import { traversal } from './groups/traversal.group.js';
import { answersTable } from './judging/answers-table.js';
import { judgeGroup } from './judging/judge-group.js';
import { judgePackets } from './packets/judge-packets.js';
import { packets } from './packets/packets.js';
import { bystanderOf, sendPackets } from './packets/send-packets.js';
import { placesOf, routesOf } from './places/http-places.js';
import type { OpenApi, Route } from './places/http-places.js';
import type { Place } from './places/place.js';
import { authOf, fieldsOf, mapKeysOf, verbsOf } from './places/socket-places.js';
import type { AsyncApi } from './places/socket-places.js';
import { readBack } from './read-back/read-back.js';
import { openScene } from './scene.js';
import type { Scene } from './scene.js';
import { judgeAtOnce, judgeBurst } from './streams/judge-stream.js';
import { burst, simultaneous } from './streams/post-stream.js';

/** Sends input at and beyond the limits, over HTTP and Socket.IO, and compares the answers with the design. */
export const edgesPhase: Phase = {
  name: 'edges',
  title: 'Edge cases',
  expectedSeconds: () => 12,
  run: async (context) => {
    context.tell({ doing: 'starting' });
    const system = await context.systems.open();
    try {
      const scene = await openScene(system.api, context.runId);
      try {
        return await play(scene, context);
      } finally {
        scene.close();
      }
    } finally {
      await system.close();
    }
  },
};

const play = async (scene: Scene, context: PhaseContext): Promise<Findings> => {
  const watching = scene.watcher.socket.id;
  const routes = routesOf(await documentAt<OpenApi>('/docs/openapi.json', scene.api));
  const places = [
    ...routes.flatMap((route) => placesOf(route, scene)),
    ...socketPlaces(await documentAt<AsyncApi>('/docs/asyncapi.json', scene.api), scene),
  ];
  const groups = await askAll(groupsOf(routes, places, scene), scene, context);
  context.tell({ doing: 'bursts' });
  const streams = await streamRows(scene);
  context.tell({ doing: 'malformed packets' });
  const seen = await sendPackets(packets(scene.channel), scene);
  const bystander = await bystanderOf(watching, scene);
  context.tell({ doing: 'reading back' });
  const complete = await readBack(groups, scene);
  return {
    did: whatWasDone(routes, places, complete, seen.length),
    rows: [...complete.map(judgeGroup), ...streams, ...judgePackets(seen, bystander)],
    tables: [answersTable(complete)],
  };
};

const groupsOf = (routes: readonly Route[], places: readonly Place[], scene: Scene): readonly Group[] => [
  empty(scene),
  size(scene),
  names(places, scene),
  unicode(scene),
  depth(scene),
  nothing(places),
  malformedJson(routes, scene),
  sql(places),
  traversal(places),
];

const socketPlaces = (document: AsyncApi, scene: Scene): readonly Place[] => [
  ...verbsOf(document).flatMap((verb) => [...fieldsOf(verb, scene), ...mapKeysOf(verb)]),
  ...authOf(document, scene),
];

const askAll = async (
  groups: readonly Group[],
  scene: Scene,
  { tell, signal }: PhaseContext,
): Promise<readonly GroupSeen[]> => {
  const seen: GroupSeen[] = [];
  for (const group of groups) {
    signal.throwIfAborted();
    tell({ doing: group.what });
    seen.push(...(await askGroup(group, scene)));
  }
  return seen;
};

const streamRows = async (scene: Scene): Promise<readonly Row[]> => [
  judgeBurst(await burst('http', scene)),
  judgeBurst(await burst('socket', scene)),
  judgeAtOnce(await simultaneous('http', scene)),
  judgeAtOnce(await simultaneous('socket', scene)),
];

const documentAt = async <T>(path: string, api: VerbatimApi): Promise<T> => {
  const { status, body } = await api.request('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}: without it, the routes are not known`);
  return body as T;
};

const whatWasDone = (
  routes: readonly Route[],
  places: readonly Place[],
  groups: readonly GroupSeen[],
  packetCount: number,
): readonly string[] => {
  const requests = groups.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  return [
    `${requests} requests were made over HTTP and Socket.IO, and each answer was compared with the design: status, code and, where it is fixed, the text. No answer may be a server error, or show a stack trace, a file path, SQL or the words of a parser.`,
    `The places to try were taken from the server's own OpenAPI and AsyncAPI documents: ${routes.length} routes, and ${places.length} parameters and fields.`,
    'Every accepted message was read back live, through history, over HTTP and from the read model, and compared byte for byte.',
    'After each group the same connection had to answer a good request. An undefined field can’t be sent in JSON: it is left out.',
    `${packetCount} malformed packets were written by hand, each to its own WebSocket, while another bot stayed connected and had to notice nothing.`,
  ];
};
