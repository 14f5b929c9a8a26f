import {
  ORIGIN_SYMBOLS,
  type Origin,
  positionOf,
  STATUS_SYMBOLS,
  STATUSES,
  type Status,
  settledPosition,
} from '@whatsapp-stream/schemas';

const HEADER = `\
-- Made from the statuses of @whatsapp-stream/schemas by \`npm run generate\`. Do not edit.
--
-- Gives  what is always true of a status, told by an origin: whether its journey is closed by it, whether Verihubs charges
--        for it (null: it cannot be said), and where its events stand. Their place is place_base + place_step * attempt: the
--        higher one overrules. settled_base and settled_step give likewise up to which place an event says that the sender
--        is done with the message; null when it does not say so.
`;

/**
 * @returns the content of `sql/statuses.sql`: the order of events (`positionOf`, `settledPosition`) as a table, both
 * being linear in the attempt
 */
export function statusesQuery(): string {
  const rows = STATUS_SYMBOLS.flatMap((status) => ORIGIN_SYMBOLS.map((origin) => rowOf(status, origin)));
  return `${HEADER}SELECT
  status,
  origin,
  closing,
  charged,
  CAST(place_base AS BIGINT) AS place_base,
  CAST(place_step AS BIGINT) AS place_step,
  CAST(settled_base AS BIGINT) AS settled_base,
  CAST(settled_step AS BIGINT) AS settled_step
FROM (
  VALUES
    ${rows.join(',\n    ')}
) AS facts (status, origin, closing, charged, place_base, place_step, settled_base, settled_step)
`;
}

function rowOf(status: Status, origin: Origin): string {
  const { closing, charged } = STATUSES[status];
  const place = lineOf((attempt) => positionOf({ status, attempt }));
  const settled = lineOf((attempt) => settledPosition({ status, attempt, origin }));
  return `('${status}', '${origin}', ${closing}, ${charged ?? 'CAST(NULL AS BOOLEAN)'}, ${place}, ${settled})`;
}

function lineOf(placeAt: (attempt: number) => number): string {
  const base = placeAt(0);
  return Number.isFinite(base) ? `${base}, ${placeAt(1) - base}` : 'NULL, NULL';
}
