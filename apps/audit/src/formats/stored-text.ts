import { isUtf8 } from 'node:buffer';

/**
 * Stored bytes in a printable form: JSON text on one line, character for character as stored, or else base64.
 */
export type StoredText = Readonly<{ json: string } | { base64: string }> | undefined;

const LINE_BREAK = /[\r\n]/;

/**
 * Returns the printable form of stored bytes, or undefined if there are none. JSON with line breaks between
 * its values (our own never has any) is put on one line; everything else stays as it was written. Data marked
 * as JSON is checked, because nobody checked it when it was stored.
 */
export const storedText = (bytes: Uint8Array, isJson: boolean): StoredText => {
  if (bytes.length === 0) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const json = isJson && isUtf8(buffer) ? onOneLine(buffer.toString()) : undefined;
  return json === undefined ? { base64: buffer.toString('base64') } : { json };
};

const onOneLine = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return LINE_BREAK.test(text) ? JSON.stringify(value) : text;
  } catch {
    return undefined;
  }
};
