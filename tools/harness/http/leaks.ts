/**
 * What no answer may ever show: stack frames, files of the machine, parsers, engines, SQL. For answers that are not
 * documentation, which names files of scripts.
 */
export const LEAKS =
  /\bat [^"]+[:(]\d+|node_modules|\/dist\/|\.js\b|\.ts\b|(?:Syntax|Type|Range)Error|Unexpected token|JSON at|position \d|postgres|lmdb|grpc|QueryFailed|\bSELECT\b.+\bFROM\b|INSERT INTO|syntax error|relation "|root:[^:]*:0:0|\/(?:home|root|usr|opt|var|tmp)\//i;
