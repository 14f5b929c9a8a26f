import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError, INTERRUPTED, runCommand } from './command.ts';
import { audit } from './report/audit.ts';
import { type ReportCommandOptions, reportCommand } from './report/options.ts';
import { requireWritable, writePage } from './report/page.ts';
import { withEvents } from './report/parquet.ts';
import { reportRequest } from './report/request.ts';

const command = reportCommand();

async function report(options: ReportCommandOptions, stop: AbortSignal): Promise<number> {
  const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const request = reportRequest(options, Date.now(), machineZone);
  if ('faults' in request) throw new CommandError(request.faults.join('\n'), EXIT.usage);
  const { result } = request;
  for (const line of request.notes) note(line);
  if (result.kind === 'page') await requireWritable(result.out);
  return withEvents(request, stop, note, async (events) => {
    if (stop.aborted) return INTERRUPTED;
    if (result.kind === 'audit') return audit(events, request, result.json, { print, note, stop });
    for (const line of await writePage(events, request, result.out, stop)) print(line);
    return EXIT.ok;
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runCommand(command, () => (stop) => report(command.opts<ReportCommandOptions>(), stop));
