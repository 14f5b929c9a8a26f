import { percentile } from '../table.ts';

/** A server that takes callbacks, in a process of its own. */
export interface Contender {
  readonly name: string;
  readonly file: string;
  /** The setting whose port answers `/readyz`. */
  readonly readyAt: 'CALLBACK_PORT' | 'ADMIN_PORT';
  /** Whether what it answers 200 should be in the topic. */
  readonly keeps: boolean;
}

export const ANSWER_ONLY: Contender = {
  name: 'fastify, answers 200 and does nothing',
  file: 'test/bench/anchors/answer-only.ts',
  readyAt: 'CALLBACK_PORT',
  keeps: false,
};

export const SEND_EACH: Contender = {
  name: 'fastify, one kafkajs send each',
  file: 'test/bench/anchors/send-each.ts',
  readyAt: 'CALLBACK_PORT',
  keeps: true,
};

export const CALLBACK_INGEST: Contender = {
  name: 'callback-ingest, all guarantees on',
  file: 'services/callback-ingest/src/main.ts',
  readyAt: 'ADMIN_PORT',
  keeps: true,
};

const CONTENDERS: readonly Contender[] = [ANSWER_ONLY, SEND_EACH, CALLBACK_INGEST];

/** Measures each of them in turn, again and again: what disturbs the machine for a while disturbs them alike. */
export async function inTurns<R>(
  rounds: number,
  measure: (contender: Contender) => Promise<R>,
): Promise<readonly { readonly contender: Contender; readonly rounds: readonly R[] }[]> {
  const all = CONTENDERS.map((contender) => ({ contender, rounds: [] as R[] }));
  for (let n = 0; n < rounds; n++) {
    for (const { contender, rounds } of all) rounds.push(await measure(contender));
  }
  return all;
}

/** Over the rounds. */
export function medianOf<R>(rounds: readonly R[], field: (round: R) => number): number {
  return percentile(rounds.map(field), 0.5);
}

export function sumOf<R>(rounds: readonly R[], field: (round: R) => number): number {
  return rounds.reduce((sum, round) => sum + field(round), 0);
}
