import { report } from './browser.js';

/**
 * Puts the API on the page under one of its names. `window.SupportChat` may seem to exist already: a browser answers with
 * the element whose `id` or `name` that is, until the window has a property of its own. A page that
 * includes the script twice keeps the widget that it has.
 * @param {import('./types').SupportChatApi} api
 * @param {'SupportChat' | 'SupportChatV2'} [name]
 */
export function offer(api, name = 'SupportChat') {
  const own = Object.prototype.hasOwnProperty.call(window, name) && window[name];
  if (own && typeof own.init === 'function') return;
  try {
    // Assigned, not defined: a `var SupportChat` of the page cannot be defined again.
    window[name] = api;
  } catch (error) {
    report(error);
  }
}
