declare module '*.css' {
  const text: string;
  export default text;
}

/** These are written by the build. */
declare module 'built:parts' {
  /** SHA-256 in base64 of each part of this build, by name. */
  export const PARTS: Record<string, string>;
}
declare module 'built:shared' {
  /** What the engine uses of the loader's modules. */
  export const shared: unknown[];
}
declare module 'built:lent' {
  /** What the smaller parts use of the loader's and the engine's modules. */
  export const shared: unknown[];
}
declare module 'built:smaller' {
  /** SHA-256 in base64 of each part that the engine fetches, by name. */
  export const SMALLER: Record<string, string>;
  /** The same of each language's words. */
  export const WORDS: Record<string, string>;
}
