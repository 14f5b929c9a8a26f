import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words of lines that no sender may write, whatever goes wrong around it. */
const NEVER = /could not be dealt with/;
/** The exit code tells it, and there can be an excuse. */
const FORCED = /ended by force/;
const SHOWN = 5;
const SHOWN_CHARACTERS = 300;

/**
 * Looks through a sender's log for what tells of a fault of its own: lines of level fatal, lines that are no log
 * lines (an uncaught error, a warning of Node), and some that are never to be written.
 * @returns at most a few of them
 */
export function faultsInLog(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.filter(isFault).slice(0, SHOWN).map(briefly);
}

function isFault(line: string): boolean {
  try {
    const { level, msg } = JSON.parse(line);
    return (level === 'fatal' && !FORCED.test(String(msg))) || NEVER.test(String(msg));
  } catch {
    return true;
  }
}

/** A log line for a report: when, how bad, what, and why. */
export function briefly(line: string): string {
  return shortened(line).slice(0, SHOWN_CHARACTERS);
}

function shortened(line: string): string {
  try {
    const { time, level, msg, err } = JSON.parse(line);
    return `  ${time} ${level}: ${msg}${err === undefined ? '' : ` (${err.message})`}`;
  } catch {
    return `  ${line}`;
  }
}

/** @returns one text for each sender whose log tells of a fault */
export function faultsOfSenders(folder: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const file = join(folder, `${name}.log`);
    const faults = faultsInLog(readIfThere(file));
    return faults.length === 0 ? [] : [`in ${file}:\n${faults.join('\n')}`];
  });
}

/** One that was never started has none. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
