/** The package's types say what the script takes: a change of one that the other lacks fails here. */
import type { Options as Taken, Controls as Given } from '../src/types';
import type { Options, Controls } from '../npm/index';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

export const options: Same<Required<Omit<Options, 'open'>>, Required<Taken>> = true;
export const controls: Same<Controls, Given> = true;
