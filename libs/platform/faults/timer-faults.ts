import { catchTimerFaults } from '#libs/time/clock.js';
import { Boundary } from './boundary.js';

/** Keeps what a timer's call throws from ending the process, when nothing else did. */
const TIMER = new Boundary('timer');

export const containTimerFaults = (): void => catchTimerFaults((error) => TIMER.caught(error));
