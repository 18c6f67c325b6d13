import { activityProjection } from './activity/activity.projection.js';
import { botsProjection } from './bots/bots.projection.js';
import { channelsProjection } from './channels/channels.projection.js';
import { membershipsProjection } from './memberships/memberships.projection.js';
import { messagesProjection } from './messages/messages.projection.js';
import { presenceProjection } from './presence/presence.projection.js';
import type { Projection } from './builds/projection.js';

/** Every read model there is. */
export const PROJECTIONS: readonly Projection[] = [
  messagesProjection,
  channelsProjection,
  membershipsProjection,
  botsProjection,
  presenceProjection,
  activityProjection,
];
