import { IsName } from '../validation/rules.js';

/** A bot's or channel's name in the path of a URL. */
export class NameParameter {
  @IsName()
  name: string;
}
