import type { ForwardRefExoticComponent, RefAttributes } from 'react';
import type { Options } from './index';

export interface SupportChatProps extends Omit<Options, 'key'> {
  /** The option `key`, a name that React keeps for itself. */
  widgetKey?: string;
  /** Called when the chat's script does not come; without it the browser's console says so. */
  onError?: (error: Error) => void;
}

/** Each waits for the chat to be there. They do nothing where it cannot be had, or after it has gone. */
export interface SupportChatHandle {
  open(): Promise<void>;
  close(): Promise<void>;
  show(): Promise<void>;
  hide(): Promise<void>;
  recheck(): Promise<void>;
  /** Rejects when the server could not be told, or there is no chat to do it. */
  forget(): Promise<void>;
}

/**
 * The chat, for as long as the component is mounted; one on a page. It renders nothing itself.
 *
 * Another `locale` changes the language, and functions may change with every rendering. Any other
 * change of the options takes the chat off and puts it on again; conversations go on.
 */
export const SupportChat: ForwardRefExoticComponent<SupportChatProps & RefAttributes<SupportChatHandle>>;
