import { Module } from '@nestjs/common';
import { InstanceModule } from '../instance/instance.module.js';
import { CursorKeepers } from './cursor-keepers.js';

/** Keeps the cursors of the consumers. */
@Module({
  imports: [InstanceModule],
  providers: [CursorKeepers],
  exports: [CursorKeepers],
})
export class CursorsModule {}
