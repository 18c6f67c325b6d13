import { IsName } from '../validation/rules.js';

/** A bot's or channel's name inside an address. */
export class NameParameter {
  @IsName()
  name: string;
}
