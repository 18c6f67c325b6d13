/**
 * Matches what no answer may ever show: stack frames, file paths, parser messages, names of engines, SQL. Not for
 * documentation, which names script files.
 */
export const LEAKS =
  /\bat [^"]+[:(]\d+|node_modules|\/dist\/|\.js\b|\.ts\b|(?:Syntax|Type|Range)Error|Unexpected token|JSON at|position \d|postgres|lmdb|grpc|QueryFailed|\bSELECT\b.+\bFROM\b|INSERT INTO|syntax error|relation "|root:[^:]*:0:0|\/(?:home|root|usr|opt|var|tmp)\//i;
