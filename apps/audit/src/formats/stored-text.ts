import { isUtf8 } from 'node:buffer';

/** Stored bytes as they can be printed: JSON text on one line, character for character as stored, or else base64. */
export type StoredText = Readonly<{ json: string } | { base64: string }> | undefined;

const LINE_BREAK = /[\r\n]/;

/**
 * JSON that breaks lines between its values (ours never does) is put on one line; everything else stays as it was
 * written. What claims to be JSON is checked, for nobody did when it was stored. Undefined for no bytes.
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
