const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The digits of a number without zeros at either end, and the power of ten of the last digit. Two spellings
 * of the same value have the same decimal.
 */
type Decimal = Readonly<{ digits: string; exponent: number }>;

const decimalOf = (literal: string): Decimal => {
  const [, , whole = '', fraction = '', exponent = '0'] = NUMBER.exec(literal)!;
  const all = `${whole}${fraction}`;
  const digits = withoutZeros(all);
  if (digits === '') return { digits, exponent: 0 };
  const dropped = all.length - (firstZeros(all) + digits.length);
  return { digits, exponent: Number(exponent) - fraction.length + dropped };
};

const ZERO = 48;

const firstZeros = (digits: string): number => {
  let at = 0;
  while (digits.charCodeAt(at) === ZERO) at += 1;
  return at;
};

const withoutZeros = (digits: string): string => {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return digits.slice(Math.min(firstZeros(digits), end), end);
};

/**
 * Returns whether a number in a JSON text keeps its value when it is read as a double and written again.
 * `1.0`, `1E5` and `5e-324` do; `1285704473650888702`, `1e400` and `-0` do not. The spelling does not matter.
 *
 * @param literal a number as JSON writes it (RFC 8259, section 6)
 */
export const keepsItsValue = (literal: string): boolean => {
  const value = Number(literal);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const written = String(value);
  if (written === literal) return true;
  const [sent, kept] = [decimalOf(literal), decimalOf(written)];
  return sent.digits === kept.digits && sent.exponent === kept.exponent;
};
