/**
 * Loaded before a program (`node --import`): its wall clock differs from the machine's by the ms that stand in
 * the file that WALL_CLOCK_FILE names. The file is read at the start and again at each SIGUSR2. Monotonic time and
 * timers are as they are.
 */
import { readFileSync } from 'node:fs';

const file = process.env['WALL_CLOCK_FILE'] ?? '';
const MachineDate = Date;
const machineNow = Date.now;
let offsetMs = 0;

function readOffset(): void {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0;
  }
}

const now = (): number => machineNow() + offsetMs;

const ShiftedDate = new Proxy(MachineDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new MachineDate(now()).toString(),
});
MachineDate.now = now;
MachineDate.prototype.constructor = ShiftedDate;
globalThis.Date = ShiftedDate;

readOffset();
process.on('SIGUSR2', readOffset);
