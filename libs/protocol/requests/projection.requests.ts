import { IsBoolean } from 'class-validator';
import { Optional } from '../validation/rules.js';

/** `POST /v1/projections/:name/rebuild` */
export class RebuildRequest {
  /** Put the new rows in place even where they differ from the old ones. */
  @Optional()
  @IsBoolean({ message: 'Field "acceptDifferences" must be true or false' })
  acceptDifferences?: boolean;
}
