import { Directory } from '#libs/directory/directory.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { Broadcast } from '../socket/broadcast.js';
import { DeliveryPace } from '../delivery/delivery-pace.js';
import { INSTANCE } from '../instance/instance.js';
import { GatewayWatch } from './gateway-watch.js';
import { PresenceBoard } from './presence-board.js';
import { PresenceNotices } from './presence-notices.js';
import { PresenceRecorder } from './presence-recorder.js';
import { PresenceStreams } from './presence-streams.js';
import { Presence } from './presence.js';

/** Presence over all gateways, from connections to the log and from the log to members. */
export const presenceProviders = [
  PresenceBoard,
  Presence,
  {
    provide: GatewayWatch,
    inject: [EventStore, PresenceBoard, INSTANCE],
    useFactory: (store: EventStore, board: PresenceBoard, instance: string) =>
      new GatewayWatch(store, () => board.gateways(), instance),
  },
  {
    provide: PresenceRecorder,
    inject: [EventStore, PresenceBoard, INSTANCE, ProgressWatch],
    useFactory: (store: EventStore, board: PresenceBoard, instance: string, progress: ProgressWatch) => {
      const recorder = new PresenceRecorder(board, new PresenceStreams(store, instance), instance);
      progress.add({ name: 'presence', limitMs: 15_000, isVital: false, marks: () => recorder.marks() });
      return recorder;
    },
  },
  {
    provide: PresenceNotices,
    inject: [Broadcast, DeliveryPace, Directory, PresenceRecorder],
    useFactory: (
      broadcast: Broadcast,
      { slow }: DeliveryPace,
      directory: Directory,
      recorder: PresenceRecorder,
    ) =>
      new PresenceNotices(
        {
          liveIn: (channel) => broadcast.liveIn(channel),
          presence: (said, except) => {
            broadcast.presence(said, except);
            slow.sent(said.channel);
          },
        },
        (bot) => directory.channelsOf(bot),
        (bot) => recorder.connectionsOf(bot),
      ),
  },
];
