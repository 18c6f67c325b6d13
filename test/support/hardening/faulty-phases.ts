import { below, exactly, holds, notRun } from '#tools/hardening/report/judge.js';
import type { PhaseReport, Row } from '#tools/hardening/report/hardening-report.js';
import { phaseReport, swinging } from './phase-report.js';

export const faultsPhase = (): PhaseReport =>
  phaseReport({
    name: 'faults',
    title: 'Faults',
    startedAt: '2026-11-26T18:31:20.000Z',
    seconds: 192,
    did: [
      'Killed a bot in the middle of a message, with SIGKILL, while ten others talked.',
      'Cut the network during a send and held it cut for 30 s, three times.',
      'Stopped PostgreSQL and the event store, and killed everything at once.',
    ],
    rows: [
      below(2, { id: 'faults.bot.noticed', what: 'A killed bot is noticed after', value: 0.021, unit: 's' }),
      below(5, {
        id: 'faults.bot.back',
        what: 'The killed bot is back and exact after',
        value: 0.84,
        unit: 's',
      }),
      holds(true, {
        id: 'faults.network.error',
        what: 'The sender is told after three attempts',
        measured: '503 store_unavailable “Connection lost, retrying...”',
        target: 'a clear error after 3 attempts of 30 s',
      }),
      below(5, {
        id: 'faults.restart.recovery',
        what: 'From the kill of everything to the first acknowledged post',
        value: 2.31,
        unit: 's',
        predecessor: '45 s',
      }),
      exactly(0, {
        id: 'faults.restart.lost',
        what: 'Acknowledged messages lost by the kill of everything',
        value: 0,
        unit: 'messages',
        predecessor: 'up to 5 minutes’ worth',
      }),
      notRun({
        id: 'faults.store.disk-full',
        what: 'The disk of the event store is full',
        target: 'a clear, retryable error',
        why: 'needs a file system of its own, which only root may mount',
      }),
    ],
    plots: [
      {
        id: 'faults.posts',
        title: 'Posts acknowledged while engines go away',
        unit: 'posts/s',
        series: [
          {
            name: 'acknowledged',
            points: swinging(192, 1, [50, 3]).map(([at, value]) => [at, at > 60 && at < 75 ? 0 : value]),
          },
          {
            name: 'seen by readers',
            points: swinging(192, 1, [46, 3]).map(([at, value]) => [
              at,
              at > 58 && at < 80 ? Number.NaN : value,
            ]),
          },
        ],
        marks: [
          { at: 20, label: 'PostgreSQL stopped' },
          { at: 40, label: 'PostgreSQL started' },
          { at: 60, label: 'event store stopped' },
          { at: 73, label: 'event store started' },
          { at: 76, label: 'everything killed' },
          { at: 78, label: 'started again, by no hand' },
        ],
      },
    ],
  });

const INPUTS: readonly (readonly [string, string])[] = [
  ['an empty message', '400 empty_message'],
  ['a message of 50 KB', '413 message_too_large'],
  ['10,241 bytes of multi-byte text', '413 message_too_large'],
  ['the name BOT-@#$%^&*()', '400 invalid_name'],
  ['Hello 你好 مرحبا 🚀', '201, byte for byte'],
  ['a lone surrogate \ud800 and a zero\u200bwidth', '201, as U+FFFD'],
  ['right-to-left \u202egnp.exe', '201, byte for byte'],
  ['null where a text is due', '400 invalid_payload'],
  ['malformed JSON {"a":', '400 malformed_json'],
  ["'; DROP TABLE messages; --", '201, byte for byte'],
  ['<script>alert(1)</script> & <img src=x onerror=alert(1)>', '201, byte for byte'],
  ['../../etc/passwd', '404 not_found'],
  ['%2e%2e%2f%2e%2e%2fetc%2fpasswd', '404 not_found'],
  [`a name of ${'very-'.repeat(30)}long`, '400 invalid_name'],
  ['10 requests at once', 'all answered, in order'],
];

export const edgesPhase = (): PhaseReport =>
  phaseReport({
    name: 'edges',
    title: 'Edge cases',
    startedAt: '2026-11-26T18:34:40.000Z',
    seconds: 21,
    did: [
      'Sent what a careless or hostile bot would send, over HTTP and Socket.IO, and compared each answer with the protocol.',
    ],
    rows: ['HTTP, POST /v1/messages', 'Socket.IO, post', 'HTTP, GET', 'Socket.IO, edit'].flatMap((road) =>
      INPUTS.map(([input, answer], index): Row =>
        road === 'HTTP, GET' && index === 11
          ? holds(false, {
              id: `edges.${road}.${index}`,
              what: `${road}: ${input}`,
              measured: '500 internal',
              target: answer,
              why: 'the answer names a path of the server',
            })
          : holds(true, {
              id: `edges.${road}.${index}`,
              what: `${road}: ${input}`,
              measured: answer,
              target: answer,
            }),
      ),
    ),
  });
