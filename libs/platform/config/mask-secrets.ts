import { KEY_IN_TEXT } from '../keys/access-key.js';

/** Returns the text with passwords in URLs, tokens and the secret part of keys replaced, for logs and messages. */
export const maskSecrets = (text: string): string =>
  text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]*@/gi, '$1:***@')
    .replaceAll(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, 'eyJ***')
    .replaceAll(KEY_IN_TEXT, '$1.***');
