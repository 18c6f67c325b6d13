/** The text with passwords in URLs and the secret part of keys replaced, for logs and messages. */
export const maskSecrets = (text: string): string =>
  text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]*@/gi, '$1:***@')
    .replaceAll(/\b((?:bot\.[A-Za-z0-9_-]+|admin|auditor)\.[a-z0-9]{8})\.[A-Za-z0-9_-]{43}/g, '$1.***');
