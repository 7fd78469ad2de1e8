import { attempt } from '../browser.js';
import { nameProblem, tidyName } from '../menu/names.js';
import { deleteCookie } from '../compat/cookies.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const DRAFT_LENGTH = 20_000;

/**
 * Takes over what the first widget has left in this browser: the open conversation, the visitor's
 * name and what they were writing. It is moved, not copied: the token opens a conversation and is to
 * lie in one place only. What is not of its shape is dropped. What is found here is newer than what
 * we have, since an earlier visit has moved all that was there.
 * @param {Storage | null} area
 * @param {ReturnType<typeof import('../chat/store.js').createStore>} store
 * @param {string} origin our server; a conversation of another one is not taken
 * @returns {boolean} whether the first widget was open
 */
export function takeOver(area, store, origin) {
  /** @param {string} key */
  const take = (key) =>
    attempt(() => {
      const value = area?.getItem(key) ?? '';
      area?.removeItem(key);
      return value;
    }, '');
  /** @param {'id' | 'token'} part */
  const takePart = (part) => {
    // It was in a cookie as well, which counts for nothing: any site of the same domain could set one.
    deleteCookie(`scw_${part}`);
    return take(`scw:${part}`).trim();
  };
  const [id, token, server] = [takePart('id'), takePart('token'), take('scw:origin')];
  if (UUID.test(id) && JWT.test(token) && (!server || server === origin)) store.saveEarlier({ id, token, locale: '' });
  const name = tidyName(take('scw:name'));
  if (!nameProblem(name)) store.savePreference('name', name);
  const draft = take('scw:draft').slice(0, DRAFT_LENGTH);
  if (draft.trim() && !store.draft()) store.saveDraft(draft);
  take('scw:ts');
  return take('scw:open') === '1';
}
