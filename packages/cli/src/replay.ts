import { exportEvents, type SkippedPlace } from '@whatsapp-stream/analytics/export';
import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError, runCommand } from './command.ts';
import { connection, reach } from './connection.ts';
import { type Bar, createBar } from './replay/bar.ts';
import { told } from './replay/exit.ts';
import { type ReplayCommandOptions, replayCommand } from './replay/options.ts';
import { type ReplayRequest, replayRequest } from './replay/request.ts';
import { summaryLines } from './replay/summary.ts';

const command = replayCommand();

async function replay(options: ReplayCommandOptions, stop: AbortSignal): Promise<number> {
  const cluster = connection({ program: 'replay', note });
  const request = replayRequest(options, cluster.names.lanes, Date.now());
  if ('faults' in request) throw new CommandError(request.faults.join('\n'), EXIT.usage);
  await reach(cluster);
  for (const line of request.notes) note(line);
  const bar = createBar(process.stderr, () => performance.now());
  try {
    const summary = await exportEvents({
      ...request,
      cluster: cluster.settings,
      from: request.range.fromMs,
      to: request.range.toMs,
      out: request.out ?? process.stdout,
      signal: stop,
      onProgress: bar.show,
      onSkipped: noteSkipped(request, bar),
      onWaiting: (message) => noteBeside(bar, message),
    });
    bar.clear();
    for (const line of summaryLines(request, summary)) note(line);
    return EXIT.ok;
  } catch (error) {
    bar.clear();
    if (stop.aborted) note('interrupted: nothing is left of it; run it again');
    throw told(error);
  }
}

function noteSkipped({ listSkipped }: ReplayRequest, bar: Bar): (place: SkippedPlace) => void {
  if (!listSkipped) return () => undefined;
  return ({ topic, partition, offset, code }) => {
    noteBeside(bar, `skipped: ${topic} ${partition}@${offset} (${code})`);
  };
}

function noteBeside(bar: Bar, line: string): void {
  bar.clear();
  note(line);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What a closed pipe means is for the export to say: it ends by it, and removes what it has begun. */
const leaveToExport = () => undefined;

await runCommand(command, () => (stop) => replay(command.opts<ReplayCommandOptions>(), stop), leaveToExport);
