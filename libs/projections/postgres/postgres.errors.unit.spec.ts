import { QueryFailedError, QueryRunnerAlreadyReleasedError, TransactionNotStartedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  PostgresUnavailable,
  QueryTooSlow,
  isMissingTable,
  translatePostgresError,
} from './postgres.errors.js';

const driverError = (code: string, message = 'some text'): Error =>
  Object.assign(new Error(message), { code });
const throughTypeOrm = (error: Error): Error => new QueryFailedError('SELECT 1', [], error);

describe('what PostgreSQL and its driver throw', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    '57P01',
    '57P03',
    '08006',
    '53300',
    '53100',
    '40P01',
  ])('%s passes by itself', (code) => {
    expect(translatePostgresError(driverError(code))).toBeInstanceOf(PostgresUnavailable);
    expect(translatePostgresError(throughTypeOrm(driverError(code)))).toBeInstanceOf(PostgresUnavailable);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('"%s" passes by itself', (message) =>
    expect(translatePostgresError(new Error(message))).toBeInstanceOf(PostgresUnavailable),
  );

  it.each([new QueryRunnerAlreadyReleasedError(), new TransactionNotStartedError()])(
    'a connection that was cut under TypeORM passes by itself: %s',
    (error) => expect(translatePostgresError(error)).toBeInstanceOf(PostgresUnavailable),
  );

  it.each(['22021', '23505', '42P01', '42601'])('%s is given on as it is', (code) => {
    const error = throughTypeOrm(driverError(code));
    expect(translatePostgresError(error)).toBe(error);
  });

  it('recognises a query that ran too long', () => {
    expect(translatePostgresError(throughTypeOrm(driverError('57014')))).toBeInstanceOf(QueryTooSlow);
  });

  it('recognises tables that do not exist yet', () => {
    expect(isMissingTable(throughTypeOrm(driverError('42P01')))).toBe(true);
    expect(isMissingTable(driverError('ECONNREFUSED'))).toBe(false);
  });

  it('finds the reason when all addresses of a name refuse', () => {
    const refused = driverError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1');
    const all = Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' });
    expect(translatePostgresError(all).message).toBe('PostgreSQL is away: connect ECONNREFUSED 127.0.0.1:1');
  });
});
