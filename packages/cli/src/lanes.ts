import { type Admin, backlogs, withAdmin } from '@whatsapp-stream/kafka';
import { ALL_LANES, laneOf } from '@whatsapp-stream/schemas';
import { EXIT, sleep, systemClock } from '@whatsapp-stream/service-kit';
import { coloursFor } from './colours.ts';
import { CommandError, INTERRUPTED, runCommand } from './command.ts';
import { type Connection, connection, reachKafka } from './connection.ts';
import { controlNow, readControl, requireTopics, tellControl, wordsOf } from './control-topic.ts';
import { type LaneRow, type Look, laneRows } from './lane-row.ts';
import { type LanesOptions, type LanesRequest, lanesCommand, lanesRequest } from './lanes-options.ts';
import { brakeLine, laneJson, lanesTable } from './lanes-table.ts';

const MEASURE_MS = 2_000;
const CLEAR_SCREEN = '\x1b[H\x1b[2J';

const command = lanesCommand();

async function lanes(args: readonly unknown[], options: LanesOptions, stop: AbortSignal): Promise<number> {
  const cluster = connection({ program: 'lanes', note });
  const request = lanesRequest(argumentsOf(args), options, cluster.names.lanes);
  if ('faults' in request) {
    const faults = request.faults.map((fault) => `\n  - ${fault}`).join('');
    throw new CommandError(`nothing was done:${faults}`, EXIT.usage);
  }
  await reachKafka(cluster);
  await requireTopics(cluster.kafka, [...cluster.names.lanes, cluster.names.control]);
  if (request.kind === 'brake') return tell(cluster, request, options, stop);
  return show(cluster, options, stop);
}

function argumentsOf([action, names]: readonly unknown[]): readonly [string | undefined, readonly string[]] {
  const given = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  return [typeof action === 'string' ? action : undefined, given];
}

async function tell(
  { kafka, names }: Connection,
  { lanes: told, paused }: Extract<LanesRequest, { readonly kind: 'brake' }>,
  options: LanesOptions,
  stop: AbortSignal,
): Promise<number> {
  const brake = { paused, ...wordsOf(options) };
  await tellControl(
    kafka,
    names.control,
    told.map((lane) => ({ kind: 'brake', lane, brake })),
  );
  for (const lane of told) {
    print(`${lane === ALL_LANES ? 'all lanes' : lane}: ${paused ? 'paused' : 'resumed'}`);
  }
  if (paused) {
    print('Each sender hears of it at once. What is being called ends; nothing more is sent or fetched.');
    print('What waits stays in its lane, and expires in its time.');
    return EXIT.ok;
  }
  const view = await controlNow(kafka, names.control, stop);
  if (stop.aborted) return INTERRUPTED;
  const about = told.includes(ALL_LANES) ? names.lanes.map(laneOf) : told;
  const now = Date.now();
  const held = about.flatMap((lane) => {
    const heldBy = view.heldBy(lane);
    return heldBy ? [brakeLine(lane, heldBy, now)] : [];
  });
  for (const line of new Set(held)) print(`but ${line}`);
  if (held.length === 0) print('Sending goes on, with the oldest first.');
  return EXIT.ok;
}

async function show(cluster: Connection, options: LanesOptions, stop: AbortSignal): Promise<number> {
  const { kafka, names } = cluster;
  const reading = await readControl(kafka, names.control);
  try {
    return await withAdmin(kafka, async (admin) => {
      let before = await look(admin, cluster);
      do {
        await sleep(systemClock, MEASURE_MS, stop);
        const view = await reading.upToNow(stop);
        if (stop.aborted) break;
        const after = await look(admin, cluster);
        const now = Date.now();
        present(await laneRows(admin, view, before, after, now), now, options);
        if (view.skipped() > 0) note(`${view.skipped()} control records are not understood`);
        before = after;
      } while (options.watch && !stop.aborted);
      return stop.aborted && !options.watch ? INTERRUPTED : EXIT.ok;
    });
  } finally {
    await reading.close();
  }
}

async function look(admin: Admin, { names, senderGroup }: Connection): Promise<Look> {
  return { backlogs: await backlogs(admin, senderGroup, names.lanes), at: systemClock.monotonic() };
}

function present(rows: readonly LaneRow[], now: number, { json, watch }: LanesOptions): void {
  if (json) {
    for (const row of rows) print(laneJson(row, now));
    return;
  }
  const lines = lanesTable(rows, now, coloursFor(process.stdout));
  const redraws = watch === true && process.stdout.isTTY;
  process.stdout.write(`${redraws ? CLEAR_SCREEN : ''}${lines.join('\n')}\n${watch && !redraws ? '\n' : ''}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runCommand(command, () => (stop) => lanes(command.processedArgs, command.opts<LanesOptions>(), stop));
