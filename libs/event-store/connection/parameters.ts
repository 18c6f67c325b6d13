type Rule = Readonly<{ meaning: string; test(value: string): boolean }>;

export type Parameter = Readonly<{ name: string; rule: Rule }>;

const oneOf = (...words: string[]): Rule => ({
  meaning: words.join(' or '),
  test: (value) => words.includes(value),
});

/** Accepts a whole number. The client itself reads only up to the first character that is not a digit. */
const wholeNumber = (min: number): Rule => ({
  meaning: `a whole number from ${min}`,
  test: (value) => /^-?\d{1,15}$/u.test(value) && Number(value) >= min,
});

const anything: Rule = { meaning: 'a text', test: () => true };

const PREFERENCES = ['leader', 'follower', 'read_only_replica', 'random'];

/** Normalizes a name as the client does for comparison: lower case, without `-` and `_`. */
const flat = (text: string): string => text.trim().toLowerCase().replaceAll(/[_-]/gu, '');

const preference: Rule = {
  meaning: PREFERENCES.join(' or '),
  test: (value) => PREFERENCES.some((known) => flat(known) === flat(value)),
};

/**
 * Lists the parameters that may follow the `?` of a connection string: those that the client understands (its
 * parseConnectionString.ts).
 */
export const PARAMETERS: readonly Parameter[] = [
  { name: 'tls', rule: oneOf('true', 'false') },
  { name: 'tlsCAFile', rule: anything },
  { name: 'tlsVerifyCert', rule: oneOf('true', 'false') },
  { name: 'userCertFile', rule: anything },
  { name: 'userKeyFile', rule: anything },
  { name: 'nodePreference', rule: preference },
  { name: 'maxDiscoverAttempts', rule: wholeNumber(1) },
  { name: 'discoveryInterval', rule: wholeNumber(0) },
  { name: 'gossipTimeout', rule: wholeNumber(0) },
  { name: 'defaultDeadline', rule: wholeNumber(1) },
  { name: 'keepAliveInterval', rule: wholeNumber(-1) },
  { name: 'keepAliveTimeout', rule: wholeNumber(-1) },
  { name: 'connectionName', rule: anything },
  { name: 'throwOnAppendFailure', rule: oneOf('true', 'false') },
];

/** Finds a parameter by its name, in any spelling that the client accepts. */
export const parameterNamed = (written: string): Parameter | undefined =>
  PARAMETERS.find(({ name }) => flat(name) === flat(written));
