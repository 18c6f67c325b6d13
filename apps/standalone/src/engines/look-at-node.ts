import type { TlsFiles } from '#libs/event-store/connection/cluster-members.js';
import type { ConnectionPlan, Node } from '#libs/event-store/connection/connection-string.js';
import { firstAnswer } from './first-answer.js';
import { nodeTrouble, spokenIn } from './event-store-trouble.js';
import type { Trouble } from './trouble.js';

/** The client's preface and an empty SETTINGS frame, RFC 9113 section 3.4. */
const HTTP2_HELLO = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Milliseconds that a node has to answer. A node that is checked has failed to answer in time before. */
const ASKED_MS = 2000;
const OTHER_WAY_MS = 1000;

/**
 * Contacts a node as configured and, if that gets no proper answer, the other way. No connection stays open.
 */
export const lookAtNode = async (
  node: Node,
  plan: ConnectionPlan,
  files: TlsFiles,
): Promise<Trouble | undefined> => {
  const place = { host: node.address, port: node.port };
  const asked = await firstAnswer(place, HTTP2_HELLO, plan.tls ? files : undefined, ASKED_MS);
  const otherWay =
    spokenIn(asked) === 'http2'
      ? asked
      : await firstAnswer(place, HTTP2_HELLO, plan.tls ? undefined : 'trusting', OTHER_WAY_MS);
  return nodeTrouble(node, plan, { asked, otherWay });
};
