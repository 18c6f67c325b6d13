import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { KeysController } from './keys.controller.js';
import { OperatorKeyRoles } from './operator-key-roles.js';

/** Lets admins manage the keys of admins and auditors. */
@Module({
  imports: [CqrsModule],
  controllers: [KeysController],
  providers: [OperatorKeyRoles],
})
export class KeysModule {}
