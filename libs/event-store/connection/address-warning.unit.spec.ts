import { describe, expect, it } from 'vitest';
import { withoutAddressWarning } from './address-warning.js';

const printed = (...args: unknown[]): boolean => {
  let count = 0;
  const emit = withoutAddressWarning(() => void (count += 1));
  (emit as (...all: unknown[]) => void)(...args);
  return count === 1;
};

describe('of Node’s warnings', () => {
  it('the one about addresses as server names is not printed, however it is emitted', () => {
    expect(printed('Setting the TLS ServerName …', 'DeprecationWarning', 'DEP0123')).toBe(false);
    expect(printed('Setting the TLS ServerName …', { type: 'DeprecationWarning', code: 'DEP0123' })).toBe(
      false,
    );
    expect(printed(Object.assign(new Error('Setting …'), { code: 'DEP0123' }))).toBe(false);
  });

  it('every other is', () => {
    expect(printed('a word')).toBe(true);
    expect(printed('Setting the TLS ServerName …', 'DeprecationWarning', 'DEP0124')).toBe(true);
    expect(printed(new Error('x'))).toBe(true);
    expect(printed('x', { type: 'DeprecationWarning' })).toBe(true);
  });
});
