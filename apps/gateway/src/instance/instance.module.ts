import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { INSTANCE } from './instance.js';

const nameOfRun = ({ node }: Settings): string => `${node}/${randomBytes(4).toString('hex')}`;

/** Provides the name of this run of the process. */
@Module({
  providers: [{ provide: INSTANCE, inject: [SETTINGS], useFactory: nameOfRun }],
  exports: [INSTANCE],
})
export class InstanceModule {}
