import { ValidateBy } from 'class-validator';
import { STORE_TICKS, isInstant, ticksAt } from './instants.js';

export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value) => isInstant(value),
      defaultMessage: (args) =>
        `Field "${args?.property}" must be a date or a time with offset, to the millisecond, like 2026-11-23 or 2026-11-23T18:30:00Z`,
    },
  });

/** The store's positions have 63 bits, and no event lies at the largest such number: it stands for the end. */
const LAST_POSITION = 0x7fff_ffff_ffff_fffen;

export const isPosition = (value: unknown): value is string =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,18})$/.test(value) && BigInt(value) <= LAST_POSITION;

/** A position or an instant: digits alone are a position. */
export const IsPositionOrInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPositionOrInstant',
    validator: {
      validate: (value) => isPosition(value) || isInstant(value),
      defaultMessage: (args) =>
        `Field "${args?.property}" must be a position as answers give it, or a date or a time with offset, to the millisecond`,
    },
  });

/** Some number of the store's that means "none" may have been given out once: whoever kept it is told so. */
const whyNot = (value: unknown): string =>
  typeof value === 'string' && /^\d{19,20}$/.test(value)
    ? '; no event can lie at this one, leave it out'
    : '';

/** A position as answers give it: decimal digits, at most what the log can reach. */
export const IsPosition = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPosition',
    validator: {
      validate: isPosition,
      defaultMessage: (args) =>
        `Field "${args?.property}" must be a position as answers give it${whyNot(args?.value)}`,
    },
  });

/**
 * An end that lies before the beginning is a mistake, and an empty answer would hide it. A position and a time can't be
 * compared here; beginning and end at one place are a span without anything in it.
 */
export const IsNotBefore = (beginning: string): PropertyDecorator =>
  ValidateBy({
    name: 'isNotBefore',
    validator: {
      validate: (end, args) => {
        const begin: unknown = (args?.object as Record<string, unknown> | undefined)?.[beginning];
        if (isPosition(begin) && isPosition(end)) return BigInt(end) >= BigInt(begin);
        if (isInstant(begin, STORE_TICKS) && isInstant(end, STORE_TICKS))
          return ticksAt(end) >= ticksAt(begin);
        return true;
      },
      defaultMessage: (args) => `Field "${args?.property}" must not be before "${beginning}"`,
    },
  });
