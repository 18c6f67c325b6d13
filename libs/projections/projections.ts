import { botsProjection } from './bots/bots.projection.js';
import { channelsProjection } from './channels/channels.projection.js';
import { messagesProjection } from './messages/messages.projection.js';
import type { Projection } from './runner/projection.js';

/** Every read model there is. */
export const PROJECTIONS: readonly Projection[] = [messagesProjection, channelsProjection, botsProjection];
