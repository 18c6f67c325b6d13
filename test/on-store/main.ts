import { parseArgs } from 'node:util';
import { maskSecrets } from '#libs/platform/config/mask-secrets.js';
import { Findings, summaryOf } from './findings.js';
import { startOwnStores } from './own-stores.js';
import type { OwnStores } from './own-stores.js';
import { removeTrial } from './remove-trial.js';
import { Trial } from './trial.js';
import { makeSchema, schemaOf } from './trial-place.js';
import type { Stores } from './trial-place.js';
import { tryAllInOne } from './try-all-in-one.js';
import { tryRolesApart } from './try-roles-apart.js';

const USAGE = `VERBATIM_EVENTSTORE_URL=esdb://… VERBATIM_POSTGRES_URL=postgres://… npm run test:on-store
    tries Verbatim on your event store and your PostgreSQL, beside whatever else is in them. Without either: on embedded ones.
npm run test:on-store -- --remove <name>
    removes what such a trial has written, with the same two variables set.`;

/** What must be ended and removed, however the trial ends. The newest is last. */
const cleanups: (() => Promise<void>)[] = [];

const cleanUp = async (): Promise<void> => {
  for (let next = cleanups.pop(); next !== undefined; next = cleanups.pop()) await next();
};

let isCalledOff = false;

const say = (text: string): void => {
  if (!isCalledOff) process.stdout.write(`${text}\n`);
};

/** @throws Error when only one of the two is given: a trial on half of the intended stores proves nothing */
const givenStores = ({
  VERBATIM_EVENTSTORE_URL: eventStoreUrl,
  VERBATIM_POSTGRES_URL: postgresUrl,
}: NodeJS.ProcessEnv): Stores | undefined => {
  if (eventStoreUrl && postgresUrl) return { eventStoreUrl, postgresUrl };
  if (eventStoreUrl || postgresUrl)
    throw new Error(
      `Set ${eventStoreUrl ? 'VERBATIM_POSTGRES_URL' : 'VERBATIM_EVENTSTORE_URL'} too.\n\n${USAGE}`,
    );
  return undefined;
};

/** Tries everything on these stores. @returns whether all of it held */
const tryOn = async (stores: Stores, areOurs: boolean): Promise<boolean> => {
  const trial = await Trial.open(stores);
  cleanups.push(() => trial.close());
  const remove = `npm run test:on-store -- --remove ${trial.scope}`;
  const findings = new Findings(say);
  say(`Event store ${maskSecrets(stores.eventStoreUrl)}\nPostgreSQL  ${maskSecrets(stores.postgresUrl)}`);
  say(`Streams begin with "${trial.scope}.", the schema is ${schemaOf(trial.scope)}.`);
  if (!areOurs) say(`If this is interrupted, remove what was written, with the same settings: ${remove}`);
  say('');
  const makeIt = (): Promise<void> => makeSchema(stores.postgresUrl, schemaOf(trial.scope));
  if (await findings.tried('A schema is made', makeIt)) {
    const crew = await tryAllInOne(trial, findings);
    if (crew) await tryRolesApart(trial, findings, crew.histories);
  }
  say(`\nWhat was tried:\n${maskSecrets(summaryOf(findings.all))}`);
  if (!areOurs) say(`\nRemove what was written, with the same settings:\n  ${remove}`);
  return findings.allHeld;
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({ options: { remove: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    say(USAGE);
    return true;
  }
  const given = givenStores(process.env);
  if (values.remove !== undefined) {
    if (!given) throw new Error(`Set VERBATIM_EVENTSTORE_URL and VERBATIM_POSTGRES_URL.\n\n${USAGE}`);
    const streams = await removeTrial(given, values.remove);
    say(
      `Removed: ${streams} streams and the schema ${schemaOf(values.remove)}. The event store frees their space at its next scavenge.`,
    );
    return true;
  }
  if (given) return tryOn(given, false);
  const own: OwnStores = await startOwnStores();
  cleanups.push(() => own.remove());
  return tryOn(own, true);
};

const end = async (code: number): Promise<void> => {
  await cleanUp().catch((error: unknown) => complain(error));
  process.exit(code);
};
const complain = (error: unknown): void =>
  void process.stderr.write(`${maskSecrets((error as Error).message)}\n`);

/** Ends what still runs. Errors that follow from that are not reported. */
const callOff = (): void => {
  isCalledOff = true;
  void end(130);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, callOff);
try {
  const held = await main();
  if (!isCalledOff) await end(held ? 0 : 1);
} catch (error) {
  if (!isCalledOff) {
    complain(error);
    await end(1);
  }
}
