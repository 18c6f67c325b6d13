import { v7 as uuidv7 } from 'uuid';
import type { Group } from '../exchange.js';
import type { Scene } from '../scene.js';
import { postBoth } from './post-both.js';

const BLANK = ['', ' ', '\t\n\r', '\u00a0', '\u2003\u3000', '\ufeff', '\u2028\u2029', ' \n'.repeat(100)];

/** Sends empty bodies, and bodies of white space only. */
export const empty = (scene: Scene): Group => ({
  id: 'empty',
  what: 'Empty message',
  target: '400 empty_message "Message cannot be empty"',
  asks: BLANK.flatMap((body) =>
    postBoth(
      scene,
      `body ${JSON.stringify(body).slice(0, 20)}`,
      { body },
      {
        status: 400,
        code: 'empty_message',
        message: 'Message cannot be empty',
      },
    ),
  ),
});

const LIMIT = 10_240;
const TOO_LARGE = { status: 413, code: 'message_too_large' } as const;

/** Tries the size limit, which counts the UTF-8 bytes of body and data together. */
export const size = (scene: Scene): Group => ({
  id: 'size',
  what: 'Message of 50 KB, of exactly the limit, and of one byte more',
  target: '413 message_too_large over 10,240 bytes, otherwise taken unchanged',
  asks: [
    ...postBoth(scene, '50 KB', { body: 'x'.repeat(50_000) }, TOO_LARGE),
    ...['é', '你', '😀'].flatMap((letter) => {
      const full = letter.repeat(Math.floor(LIMIT / Buffer.byteLength(letter)));
      const exact = full + 'x'.repeat(LIMIT - Buffer.byteLength(full));
      return [
        ...postBoth(scene, `10,240 bytes of ${letter}`, { body: exact }, 'taken'),
        ...postBoth(scene, `10,241 bytes of ${letter}`, { body: `${exact}x` }, TOO_LARGE),
      ];
    }),
    ...postBoth(
      scene,
      '10,240 bytes with data',
      { body: 'x'.repeat(10_000), data: 'x'.repeat(238) },
      'taken',
    ),
    ...postBoth(
      scene,
      '10,241 bytes with data',
      { body: 'x'.repeat(10_000), data: 'x'.repeat(239) },
      TOO_LARGE,
    ),
  ],
});

const TEXTS: Readonly<Record<string, string>> = {
  'the greeting': 'Hello 你好 مرحبا 🚀',
  'combining marks': 'e\u0301 is not \u00e9; Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f',
  'right to left': '\u202e\u2066שלום\u2069 \u061cمرحبا',
  'zero width': 'a\u200bb\u200cc\u200dd\ufeffe\u2060f',
  'an emoji of seven code points': '👩‍👩‍👧‍👦',
  'lone surrogates': 'high \ud800, low \udc00, the wrong way round \udc00\ud800',
  'null and control characters': '\u0000 \u0001\u0007\u001b[31m\u007f\u0085',
  'the ends of Unicode': '\ufffe\uffff\u{10ffff}',
  'white space around': ' \n both ends \t',
};

/** Any Unicode text must go through byte for byte. */
export const unicode = (scene: Scene): Group => ({
  id: 'unicode',
  what: '"Hello 你好 مرحبا 🚀" and harder texts',
  target: 'taken, and read back byte for byte live, through history, over HTTP and from the read model',
  asks: Object.entries(TEXTS).flatMap(([name, text]) => [
    ...postBoth(
      scene,
      name,
      { body: text, data: { [text]: [text] }, correlationId: text.slice(0, 100) },
      'taken',
    ),
    ...postBoth(scene, `${name}, as a channel`, { channel: text }, { status: 400, code: 'invalid_name' }),
  ]),
});

const levels = (count: number): string => '['.repeat(count) + ']'.repeat(count);
const nested = (count: number): unknown => JSON.parse(levels(count));

/** Sends data nested so deeply that some parsers would give up. */
export const depth = (scene: Scene): Group => {
  const tooDeep = { status: 400, code: 'invalid_payload', message: /"data"/ } as const;
  return {
    id: 'depth',
    what: 'Deeply nested data',
    target: 'taken up to 100 levels, otherwise 400 invalid_payload',
    asks: [
      ...postBoth(scene, '100 levels', { data: nested(100) }, 'taken'),
      ...postBoth(scene, '101 levels', { data: nested(101) }, tooDeep),
      ...postBoth(scene, '1,000 levels', { data: nested(1_000) }, tooDeep),
      {
        sent: '30,000 levels',
        expected: tooDeep,
        request: {
          road: 'http',
          method: 'POST',
          path: '/v1/messages',
          // Built by hand, because JSON.stringify would overflow the stack at this depth.
          body: `{"id":"${uuidv7()}","channel":"${scene.channel}","body":"x","data":${levels(30_000)}}`,
          as: 'bot',
        },
      },
    ],
  };
};
