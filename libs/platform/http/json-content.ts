const JSON_TYPE = /^\s*application\/json\s*(?:;(.*))?$/is;
const CHARSET = /(?:^|;)\s*charset\s*=\s*("[^"]*"|[^;]*?)\s*(?=;|$)/gi;

/**
 * Whether a `Content-Type` is JSON in UTF-8, which JSON between strangers always is (RFC 8259, 8.1): a `charset` is not needed, and
 * another one would be a lie or a text that we don't read.
 */
export const isJson = (contentType: string | undefined): boolean => {
  const parameters = JSON_TYPE.exec(contentType ?? '');
  if (!parameters) return false;
  return [...(parameters[1] ?? '').matchAll(CHARSET)].every(([, charset = '']) =>
    /^"?utf-?8"?$/i.test(charset),
  );
};
