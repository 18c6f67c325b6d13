import type { Message } from '#libs/protocol/message.js';
import { printable } from '../printable.js';
import { messageLine } from './message-line.js';

/** Shows what happens in a chat: lines for people, or one JSON object per line for machines. */
export class Screen {
  constructor(
    private readonly write: (text: string) => void,
    private readonly json: boolean,
    /** Redraws the line being typed, on a terminal. */
    private readonly afterwards: () => void = () => {},
  ) {}

  message(message: Message, missed: boolean): void {
    if (this.json) this.object({ event: missed ? 'backlog' : 'message', message });
    else this.line(messageLine(message, missed));
  }

  /** Shows something about the conversation that is not part of it. */
  showRemark(event: string, text: string, details: object = {}): void {
    if (this.json) this.object({ event, text, ...details });
    else this.line(`* ${printable(text)}`);
  }

  private object(value: object): void {
    this.write(`${JSON.stringify(value)}\n`);
  }

  private line(text: string): void {
    this.write(`${text}\n`);
    this.afterwards();
  }
}
