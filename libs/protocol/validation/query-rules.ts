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

/**
 * The last possible position of an event. The store's positions have 63 bits, and the largest such number
 * stands for the end of the log.
 */
const LAST_POSITION = 0x7fff_ffff_ffff_fffen;

export const isPosition = (value: unknown): value is string =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,18})$/.test(value) && BigInt(value) <= LAST_POSITION;

/** Requires a position or an instant. A text of digits alone is a position. */
export const IsPositionOrInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPositionOrInstant',
    validator: {
      validate: (value) => isPosition(value) || isInstant(value),
      defaultMessage: (args) =>
        `Field "${args?.property}" must be a position as answers give it, or a date or a time with offset, to the millisecond`,
    },
  });

/**
 * Explains the refusal of a number that some store uses for "no position". Such a number may have been handed
 * out once, and a client may have kept it.
 */
const whyNot = (value: unknown): string =>
  typeof value === 'string' && /^\d{19,20}$/.test(value)
    ? '; no event can lie at this one, leave it out'
    : '';

/** Requires a position as answers give it: decimal digits, at most what the log can reach. */
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
 * Refuses an end that lies before the beginning. That is a mistake, and an empty answer would hide it. A
 * position and a time cannot be compared here. A span whose beginning and end are the same is empty but
 * valid.
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

/** Refuses this value of a field where another field, without which it has no meaning, is left out. */
export const IsWith = (other: string, value: string): PropertyDecorator =>
  ValidateBy({
    name: 'isWith',
    validator: {
      validate: (given, args) =>
        given !== value || (args?.object as Record<string, unknown> | undefined)?.[other] !== undefined,
      defaultMessage: (args) => `Field "${args?.property}" can be "${value}" only together with "${other}"`,
    },
  });
