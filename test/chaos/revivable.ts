import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '@whatsapp-stream/service-kit';
import { type Program, type ProgramOptions, startProgram } from '@whatsapp-stream/stack';
import { briefly } from './sender-logs.ts';

/** A program of ours that is ended, frozen and started again. Its lives share one log. */
export interface Revivable {
  readonly name: string;
  state(): 'up' | 'frozen' | 'down';
  /** Does nothing unless it is down. Does not wait until it is ready. */
  start(): Promise<void>;
  /** Ends it in this way, and waits for that. Does nothing when it is down; wakes it up when it is frozen. */
  end(by: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** SIGSTOP, and SIGCONT after this time. @returns false, at once, unless it is up, or when it ended meanwhile */
  freeze(forMs: number): Promise<boolean>;
  signal(signal: NodeJS.Signals): void;
}

export type RevivableOptions = Omit<ProgramOptions, 'readyUrl'> & RevivableWatch;

/** Who hears of its ends. */
export interface RevivableWatch {
  /**
   * Told, for people, when it ended in another way than it was asked to. One that ended by itself is started again, as
   * an orchestrator would.
   */
  readonly onFailure: (text: string) => void;
  /** Told when it needed force to end, for which there was an excuse. */
  readonly onExcused: (text: string) => void;
  /** Whether Kafka was away since then (monotonic ms): who is asked to stop meanwhile can record and commit nothing,
   * and says so by its exit code. */
  readonly kafkaWasAway: (since: number) => boolean;
}

const RESTART_AFTER_MS = 1_000;
/** A service gives itself 15 s to stop. */
const STOP_WITHIN_MS = 25_000;
const QUOTED_LINES = 6;

interface Life {
  readonly program: Program;
  /** Where its lines begin in the log. */
  readonly logFrom: number;
  asked: 'SIGTERM' | 'SIGKILL' | undefined;
  /** Monotonic ms. */
  askedAt: number;
  frozen: boolean;
}

export function createRevivable(options: RevivableOptions): Revivable {
  const { name, onFailure, onExcused, kafkaWasAway, ...program } = options;
  let life: Life | undefined;

  async function start(): Promise<void> {
    if (life !== undefined) return;
    const logFrom = statSync(`${options.folder}/${name}.log`, { throwIfNoEntry: false })?.size ?? 0;
    const started: Life = {
      program: await startProgram({ name, ...program }),
      logFrom,
      asked: undefined,
      askedAt: 0,
      frozen: false,
    };
    life = started;
    void started.program.ended.then((how) => ended(started, how));
  }

  function ended(one: Life, how: number | NodeJS.Signals): void {
    if (life === one) life = undefined;
    const lines = linesOf(one);
    if (isAsAsked(one.asked, how, lines)) return;
    const asked = one.asked === undefined ? 'by itself' : `when asked to by ${one.asked}`;
    const text = `${name} ended ${asked} (${how})`;
    if (one.asked === 'SIGTERM' && how === EXIT.software && kafkaWasAway(one.askedAt)) onExcused(text);
    else onFailure(`${text}:\n${lines.slice(-QUOTED_LINES).map(briefly).join('\n')}`);
    if (one.asked === undefined) setTimeout(start, RESTART_AFTER_MS).unref();
  }

  async function end(by: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const one = life;
    if (one === undefined) return;
    one.asked ??= by;
    one.askedAt ||= performance.now();
    one.program.signal(by);
    if (one.frozen) one.program.signal('SIGCONT');
    const late = setTimeout(() => {
      onFailure(`${name} was not gone ${STOP_WITHIN_MS} ms after ${by}`);
      one.program.signal('SIGKILL');
    }, STOP_WITHIN_MS);
    await one.program.ended;
    clearTimeout(late);
  }

  async function freeze(forMs: number): Promise<boolean> {
    const one = life;
    if (one === undefined || one.frozen || one.asked !== undefined) return false;
    one.frozen = true;
    one.program.signal('SIGSTOP');
    await sleep(forMs);
    one.program.signal('SIGCONT');
    one.frozen = false;
    return life === one && one.asked === undefined;
  }

  return {
    name,
    state: () => (life === undefined || life.asked !== undefined ? 'down' : life.frozen ? 'frozen' : 'up'),
    start,
    end,
    freeze,
    signal: (signal) => life?.program.signal(signal),
  };
}

function linesOf({ program, logFrom }: Life): readonly string[] {
  const lines = readFileSync(program.logFile).subarray(logFrom).toString('utf8').split('\n');
  return lines.filter((line) => line !== '');
}

function isAsAsked(asked: Life['asked'], how: number | NodeJS.Signals, lines: readonly string[]): boolean {
  if (asked === 'SIGKILL') return how === 'SIGKILL';
  // Before its first line it listens to no signal yet, which then ends it as it does any program.
  return asked === 'SIGTERM' && (how === 0 || (how === 'SIGTERM' && lines.length === 0));
}
