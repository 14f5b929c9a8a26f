import type { ExportProgress } from '@whatsapp-stream/analytics/export';
import { SingleBar } from 'cli-progress';
import { showDuration } from '../durations.ts';

/** Shows on a terminal how far an export has come, how fast it goes, and how long it will take; elsewhere nothing. */
export interface Bar {
  show(progress: ExportProgress): void;
  /** Removes it, so that others can be written; the next `show` brings it back. */
  clear(): void;
}

/** @param monotonic in ms */
export function createBar(stream: NodeJS.WriteStream, monotonic: () => number): Bar {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const start = monotonic();
  let bar: SingleBar | undefined;
  return {
    show(progress) {
      const told = tellingOf(progress, monotonic() - start);
      if (bar === undefined) {
        bar = createSingleBar(stream);
        bar.start(progress.total, progress.passed, told);
      } else {
        bar.update(progress.passed, told);
      }
    },
    clear() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function createSingleBar(stream: NodeJS.WriteStream): SingleBar {
  return new SingleBar({
    format: '{bar} {percentage} % · {value} of {total} records · {rate}/s · {left} left',
    formatValue: (value, _options, type) =>
      type === 'percentage' ? String(value) : value.toLocaleString('en'),
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream,
    clearOnComplete: true,
    // Who is ended by force could not bring it back.
    hideCursor: false,
  });
}

/** @returns what the bar says beside itself */
export function tellingOf(
  { passed, total }: Pick<ExportProgress, 'passed' | 'total'>,
  elapsedMs: number,
): { readonly rate: string; readonly left: string } {
  if (passed === 0 || elapsedMs <= 0) return { rate: '–', left: '–' };
  const perSecond = (passed * 1_000) / elapsedMs;
  const leftMs = ((total - passed) * 1_000) / perSecond;
  return { rate: Math.round(perSecond).toLocaleString('en'), left: showDuration(Math.max(0, leftMs)) };
}
