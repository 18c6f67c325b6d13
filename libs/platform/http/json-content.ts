const JSON_TYPE = /^\s*application\/json\s*(?:;(.*))?$/is;
const CHARSET = /(?:^|;)\s*charset\s*=\s*("[^"]*"|[^;]*?)\s*(?=;|$)/gi;

/**
 * Returns whether a `Content-Type` is JSON in UTF-8, the only encoding of JSON between systems (RFC 8259, 8.1). A
 * `charset` may be missing; one other than UTF-8 would be false or name a text that we don't read.
 */
export const isJson = (contentType: string | undefined): boolean => {
  const parameters = JSON_TYPE.exec(contentType ?? '');
  if (!parameters) return false;
  return [...(parameters[1] ?? '').matchAll(CHARSET)].every(([, charset = '']) =>
    /^"?utf-?8"?$/i.test(charset),
  );
};
