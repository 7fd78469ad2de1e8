/** Where the panel covers the screen: phones, and phones held sideways. */
export const SMALL = '(max-width: 479.98px), (max-height: 440px) and (max-width: 960px)';
