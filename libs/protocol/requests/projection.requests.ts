import { IsBoolean } from 'class-validator';
import { Optional } from '../validation/rules.js';

/** `POST /v1/projections/:name/rebuild` */
export class RebuildRequest {
  /** Whether the new rows replace the old ones even where they differ. */
  @Optional()
  @IsBoolean({ message: 'Field "acceptDifferences" must be true or false' })
  acceptDifferences?: boolean;
}
