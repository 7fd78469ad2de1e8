'use client';

import { forwardRef, useEffect, useImperativeHandle, useRef } from 'react';
import { load } from './index.js';

/**
 * What makes another chat of it when it changes. Functions do not: the newest is called.
 * @param {object} options
 */
const identityOf = (options) =>
  JSON.stringify(options, (_name, value) => (value instanceof RegExp ? String(value) : value));

/** @param {string | import('./index').Options['identity']} given */
const told = async (given) => (typeof given === 'function' ? given() : (given ?? ''));

export const SupportChat = forwardRef(
  /** @param {import('./react').SupportChatProps} props @param {import('react').Ref<import('./react').SupportChatHandle>} ref */
  function SupportChat(props, ref) {
    // React keeps the name `key` to itself.
    const { locale, onEvent, onError, identity, widgetKey, ...others } = props;
    const rest = { ...others, ...(widgetKey !== undefined && { key: widgetKey }) };
    const newest = useRef(props);
    const begin = useRef(() => {});
    /** @type {import('react').RefObject<Promise<import('./index').Controls | null> | null>} */
    const chat = useRef(null);
    // A call before the first effect waits for it.
    chat.current ??= new Promise((resolve) => (begin.current = () => resolve(null)));
    const spoken = useRef(locale);
    const hasIdentity = identity !== undefined;

    useEffect(() => {
      newest.current = props;
    });

    useEffect(() => {
      let isGone = false;
      const start = async () => {
        const api = await load(rest);
        // Unmounted meanwhile, as React's strict mode does at once.
        if (isGone) return null;
        spoken.current = newest.current.locale;
        return api.init({
          ...rest,
          locale: spoken.current,
          onEvent: (event) => newest.current.onEvent?.(event),
          ...(hasIdentity && { identity: () => told(newest.current.identity) }),
        });
      };
      const started = start();
      chat.current = started;
      begin.current();
      started.catch((error) => {
        if (isGone) return;
        if (newest.current.onError) newest.current.onError(error);
        else console.error(error);
      });
      return () => {
        isGone = true;
        started.then(
          (controls) => controls?.destroy(),
          () => {}, // told above
        );
      };
    }, [identityOf(rest), hasIdentity]);

    useEffect(() => {
      chat.current?.then(
        (controls) => {
          if (!controls || locale === spoken.current) return;
          spoken.current = locale;
          if (locale) void controls.setLocale(locale);
        },
        () => {}, // told above
      );
    }, [locale]);

    useImperativeHandle(ref, () => {
      /** @param {(controls: import('./index').Controls) => void | Promise<void>} use */
      const through = async (use) => {
        let awaited;
        let controls;
        // Other options while it starts make another one of it.
        do {
          awaited = chat.current;
          controls = await awaited;
        } while (awaited !== chat.current);
        if (controls) await use(controls);
      };
      /** @param {(controls: import('./index').Controls) => void} use */
      const perhaps = (use) => through(use).catch(() => {}); // told above
      return {
        open: () => perhaps((controls) => controls.open()),
        close: () => perhaps((controls) => controls.close()),
        show: () => perhaps((controls) => controls.show()),
        hide: () => perhaps((controls) => controls.hide()),
        recheck: () => perhaps((controls) => controls.recheck()),
        forget: () => through((controls) => controls.forget()),
      };
    }, []);

    return null;
  },
);
