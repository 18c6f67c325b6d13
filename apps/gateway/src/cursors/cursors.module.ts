import { Module } from '@nestjs/common';
import { InstanceModule } from '../instance/instance.module.js';
import { CursorKeepers } from './cursor-keepers.js';

/** How far each consumer has come. */
@Module({
  imports: [InstanceModule],
  providers: [CursorKeepers],
  exports: [CursorKeepers],
})
export class CursorsModule {}
