import { report } from './browser.js';

/**
 * Puts the API on the page. `window.SupportChat` may seem to exist already: a browser answers with
 * the element whose `id` or `name` that is, until the window has a property of its own. A page that
 * includes the script twice keeps the widget that it has.
 * @param {import('./types').SupportChatApi} api
 */
export function offer(api) {
  const own = Object.prototype.hasOwnProperty.call(window, 'SupportChat') && window.SupportChat;
  if (own && typeof own.init === 'function') return;
  try {
    // Assigned, not defined: a `var SupportChat` of the page cannot be defined again.
    window.SupportChat = api;
  } catch (error) {
    report(error);
  }
}
