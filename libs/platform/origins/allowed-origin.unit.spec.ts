import { describe, expect, it } from 'vitest';
import { mayPageAsk } from './allowed-origin.js';

describe('a page', () => {
  it.each([
    ['https://chat.example.org', 'chat.example.org'],
    ['https://chat.example.org', 'chat.example.org:443'],
    ['http://chat.example.org', 'Chat.Example.org:80'],
    ['http://localhost:8000', 'localhost:8000'],
    ['http://[::1]:8000', '[::1]:8000'],
  ])('of %s may ask the server it is from, %s', (origin, host) =>
    expect(mayPageAsk(origin, host, [])).toBe(true),
  );

  it.each([
    ['https://evil.example', 'chat.example.org'],
    ['http://localhost:3000', 'localhost:8000'],
    ['http://localhost', 'localhost:8000'],
    ['https://chat.example.org.evil.example', 'chat.example.org'],
    ['https://evil.example/chat.example.org', 'chat.example.org'],
    ['null', 'null'],
    ['file://', ''],
    ['chrome-extension://abc', 'abc'],
    ['', 'chat.example.org'],
    ['no origin', 'chat.example.org'],
  ])('of "%s" may not ask %s', (origin, host) => expect(mayPageAsk(origin, host, [])).toBe(false));

  it('may ask where its origin is listed, or all are', () => {
    const host = 'chat.example.org';
    expect(mayPageAsk('https://console.example.org', host, ['https://console.example.org'])).toBe(true);
    expect(mayPageAsk('http://console.example.org', host, ['https://console.example.org'])).toBe(false);
    expect(mayPageAsk('null', host, ['*'])).toBe(true);
  });

  it('is not what names no origin', () => expect(mayPageAsk(undefined, 'a', [])).toBe(true));
});
