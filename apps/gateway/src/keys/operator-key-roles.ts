import { Injectable } from '@nestjs/common';
import { DirectoryTails } from '#libs/directory/directory-tails.js';
import { Directory } from '#libs/directory/directory.js';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import { isTokenId } from '#libs/domain/access/token-id.js';
import { keysStream } from '#libs/domain/stream-names.js';
import { RequestError } from '#libs/protocol/errors.js';

const ROLES = ['admin', 'auditor'] as const satisfies readonly OperatorRole[];

/** Finds the role that a key belongs to, because its id alone does not tell. */
@Injectable()
export class OperatorKeyRoles {
  constructor(
    private readonly directory: Directory,
    private readonly tails: DirectoryTails,
  ) {}

  /**
   * Returns the roles that have or had a key with this id. There is only one, unless somebody chose an id that was
   * already in use.
   *
   * @throws RequestError `unknown_key`, after checking whether another process issued the key a moment ago
   */
  async rolesOf(keyId: string): Promise<readonly OperatorRole[]> {
    // Tokens are revoked in the stream of one role, whatever their role is.
    if (isTokenId(keyId)) return ['admin'];
    const known = this.known(keyId);
    if (known.length > 0) return known;
    await Promise.all(ROLES.map((role) => this.tails.readOn(keysStream(role))));
    const found = this.known(keyId);
    if (found.length > 0) return found;
    throw new RequestError('unknown_key', `There is no key "${keyId.slice(0, 64)}" of an admin or auditor`);
  }

  private known(keyId: string): readonly OperatorRole[] {
    return ROLES.filter((role) => {
      const { issued, revoked } = this.directory.operatorKeys(role);
      return Object.hasOwn(issued, keyId) || revoked.has(keyId);
    });
  }
}
