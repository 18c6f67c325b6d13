import { Command, Option } from 'commander';
import { tokenGroupId } from '#libs/platform/access/jwt/token-claims.js';
import { CommandFailed } from '../command-failed.js';
import { adminClient, withServerOptions, type ServerOptions } from './server-options.js';

const GROUPS = ['subject', 'bot', 'issuer'] as const;

type Asked = ServerOptions &
  Readonly<Partial<Record<(typeof GROUPS)[number], string>> & { issuedBefore?: string; all?: boolean }>;

/**
 * `verbatim key revoke-tokens`: ends the tokens of an identity provider that were issued to one person or bot, or all of
 * them, before a time. The server is told a digest only: the log holds nobody's name at the provider.
 */
export const keyRevokeTokensCommand = (): Command =>
  withServerOptions(new Command('revoke-tokens'))
    .description(
      'end the tokens of an identity provider that were issued before a time, and what they have open',
    )
    .option('--subject <sub>', 'those of one person or bot, as the provider names it (`sub`)')
    .option('--bot <name>', 'those with which one bot comes')
    .option('--issuer <iss>', 'those of everybody: of a whole provider (`iss`)')
    .addOption(
      new Option(
        '--issued-before <time>',
        'like 2027-01-31T18:00:00Z, not in the future (default: now)',
      ).conflicts('all'),
    )
    .option('--all', 'also those that will be issued: for good')
    .action(async ({ issuedBefore, all = false, ...options }: Asked) => {
      const keyId = namedIn(options);
      const before = issuedBefore ?? new Date().toISOString();
      const path = `/v1/keys/${keyId}${all ? '' : `?issuedBefore=${encodeURIComponent(before)}`}`;
      await adminClient(options).request<undefined>('DELETE', path);
      const said = all ? { keyId, revoked: true } : { keyId, revoked: true, issuedBefore: before };
      const which = all ? 'All tokens' : `The tokens issued before ${before}`;
      process.stdout.write(
        options.json ? `${JSON.stringify(said)}\n` : `${which} that ${keyId} stands for are revoked.\n`,
      );
    });

/** @throws CommandFailed unless exactly one of the three is named */
const namedIn = (options: Asked): string => {
  const named = GROUPS.flatMap((what) => {
    const text = options[what];
    return text === undefined ? [] : [tokenGroupId(what, text)];
  });
  const [keyId] = named;
  if (named.length === 1 && keyId !== undefined) return keyId;
  throw new CommandFailed('Say whose tokens: one of --subject, --bot and --issuer');
};
