import { Boundary } from '#libs/platform/faults/boundary.js';

/**
 * Calls the function on entering any boundary of this process, with the boundary's name. What it throws is thrown
 * there, in place of the handler. Undefined ends that.
 */
export const plantFaults = (planted: ((where: string) => void) | undefined): void => {
  Boundary.prototype.enter = function enterPlanted() {
    planted?.(this.where);
  };
};
