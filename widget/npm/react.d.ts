import type { ForwardRefExoticComponent, RefAttributes } from 'react';
import type { Options } from './index';

export interface SupportChatProps extends Options {
  /** Called when the chat's script does not come; without it the browser's console says so. */
  onError?: (error: Error) => void;
}

/** Each waits for the chat to be there. They do nothing after the component has gone. */
export interface SupportChatHandle {
  open(): Promise<void>;
  close(): Promise<void>;
  show(): Promise<void>;
  hide(): Promise<void>;
  recheck(): Promise<void>;
  /** Rejects when the server could not be told; the device is cleared all the same. */
  forget(): Promise<void>;
}

/**
 * The chat, for as long as the component is mounted; one on a page. It renders nothing itself.
 *
 * Another `locale` changes the language, and functions may change with every rendering. Any other
 * change of the options takes the chat off and puts it on again; conversations go on.
 */
export const SupportChat: ForwardRefExoticComponent<SupportChatProps & RefAttributes<SupportChatHandle>>;
