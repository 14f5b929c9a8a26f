import picocolors from 'picocolors';

/** Colours for a terminal; the identity where none are wanted. */
export type Colours = ReturnType<typeof picocolors.createColors>;

export const PLAIN: Colours = picocolors.createColors(false);

/** Colours for a stream: only when people look at it in a terminal, and did not ask for none (https://no-color.org). */
export function coloursFor(
  stream: { readonly isTTY?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Colours {
  return picocolors.createColors(stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb');
}
