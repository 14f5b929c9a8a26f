/** Something that must not outlive the process that started it. */
export type Target =
  /** The leader of a process group; the whole group is ended. */
  | { readonly kind: 'process'; readonly id: string }
  /** A container's name or id. */
  | { readonly kind: 'container'; readonly id: string }
  /** A folder's absolute path; it is deleted with all that is in it. */
  | { readonly kind: 'folder'; readonly id: string };

/** What the parent tells its reaper: a target, or that one is no longer of interest. */
export interface Order {
  readonly forget: boolean;
  readonly target: Target;
}

/** One line without its end: `process 123`, `container NAME`, `folder /path`, each perhaps after `forget `. */
export const formatOrder = ({ forget, target }: Order): string =>
  `${forget ? 'forget ' : ''}${target.kind} ${target.id}`;

/** @returns undefined for a line that is no order, in particular for a process id that would name more than one group */
export function parseOrder(line: string): Order | undefined {
  const match = /^(?<forget>forget )?(?<kind>process|container|folder) (?<id>.+)$/.exec(line);
  const id = match?.groups?.['id'];
  if (id === undefined) return undefined;
  const forget = match?.groups?.['forget'] !== undefined;
  switch (match?.groups?.['kind']) {
    case 'process':
      return /^[1-9]\d*$/.test(id) && Number(id) > 1
        ? { forget, target: { kind: 'process', id } }
        : undefined;
    case 'container':
      return { forget, target: { kind: 'container', id } };
    case 'folder':
      return id.startsWith('/') ? { forget, target: { kind: 'folder', id } } : undefined;
    default:
      return undefined;
  }
}
