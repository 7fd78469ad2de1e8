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
declare module 'built:files' {
  /** SHA-256 in base64 of the part for files. */
  export const FILES: string;
}
