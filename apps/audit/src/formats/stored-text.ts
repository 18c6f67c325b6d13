import { isUtf8 } from 'node:buffer';

/**
 * Stored bytes in a printable form: JSON text on one line, or else base64. The text is character for character what is
 * stored, unless that has line breaks; then `exact` is what is stored, in base64.
 */
export type StoredText = Readonly<{ json: string; exact?: string } | { base64: string }> | undefined;

const LINE_BREAK = /[\r\n]/;

/**
 * Returns the printable form of stored bytes, or undefined if there are none. JSON with line breaks between
 * its values (our own never has any) is put on one line; everything else stays as it was written. Data marked
 * as JSON is checked, because nobody checked it when it was stored.
 */
export const storedText = (bytes: Uint8Array, isJson: boolean): StoredText => {
  if (bytes.length === 0) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = isJson && isUtf8(buffer) ? buffer.toString() : undefined;
  const json = text === undefined ? undefined : onOneLine(text);
  if (json === undefined) return { base64: buffer.toString('base64') };
  return json === text ? { json } : { json, exact: buffer.toString('base64') };
};

const onOneLine = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return LINE_BREAK.test(text) ? JSON.stringify(value) : text;
  } catch {
    return undefined;
  }
};
