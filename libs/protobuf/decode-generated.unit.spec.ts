import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeGenerated } from './decode-generated.js';
import { MalformedMessage } from './wire.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const { DeleteReq, ListReq } = persistent;

const request = (group: string) => {
  const options = new DeleteReq.Options();
  options.setGroupName(group);
  const message = new DeleteReq();
  message.setOptions(options);
  return message;
};

it('A message of a generated class is decoded to what was encoded', () => {
  const bytes = request('a group').serializeBinary();
  expect(decodeGenerated(DeleteReq, bytes).getOptions()!.getGroupName()).toBe('a group');
});

it.each([
  ['a message', ListReq, '0affffffff0f'],
  ['a message in a message', DeleteReq, '0a060affffffff0f'],
  ['a text', DeleteReq, '0a0612ffffffff0f'],
] as const)('%s that is longer than the rest of the message is refused at once', (_, type, hex) => {
  expect(() => decodeGenerated<unknown>(type, Buffer.from(hex, 'hex'))).toThrow(MalformedMessage);
});

it('Any bytes are decoded or refused, and announced lengths do not delay the end', () => {
  const right = Buffer.from(request('a group').serializeBinary());
  const damage = fc.array(fc.tuple(fc.nat(right.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), damage), (given) => {
      const bytes = given instanceof Uint8Array ? given : Buffer.from(right);
      if (!(given instanceof Uint8Array)) for (const [at, byte] of given) bytes[at] = byte;
      try {
        decodeGenerated(DeleteReq, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: propertyRuns(3_000) },
  );
});
