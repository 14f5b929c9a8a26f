import { readFileSync } from 'node:fs';

/** What Linux has counted of a process so far. */
export interface Usage {
  /** In all its threads, for itself and in the kernel. */
  readonly cpuSeconds: number;
  /** The most memory that it had at a time. */
  readonly peakBytes: number;
}

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux. */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/PID/stat` behind the name, which is in brackets and may hold anything: proc(5). */
const UTIME = 11;
const STIME = 12;

/** @throws where there is no such process, or no `/proc` */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peakKib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND,
    peakBytes: Number(peakKib) * 1_024,
  };
}
