const FINAL_TEXT = 0x81;
const SHORT = 125;
const MEDIUM = 0xffff;

/** Returns a WebSocket text frame as a server sends it: unfragmented and unmasked (RFC 6455, section 5.2). */
export const textFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text);
  const start = length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FINAL_TEXT;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = SHORT + 1;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = SHORT + 2;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
};

/** Returns where the text begins in a frame of {@link textFrame}. */
export const textStart = (frame: Buffer): number => {
  if (frame[1]! <= SHORT) return 2;
  return frame[1] === SHORT + 1 ? 4 : 10;
};
