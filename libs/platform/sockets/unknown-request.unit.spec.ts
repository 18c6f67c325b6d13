import { expect, it } from 'vitest';
import { unknownRequest } from './unknown-request.js';

it.each([
  ['delete', 'There is no request named "delete"'],
  [7, 'There is no request named "7"'],
  ['x'.repeat(10_000), `There is no request named "${'x'.repeat(64)}"`],
])('shortens the name of the request: %s', (name, message) => {
  expect(unknownRequest(name)).toMatchObject({ code: 'unknown_event', message });
});
