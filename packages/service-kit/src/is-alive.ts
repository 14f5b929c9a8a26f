/** Whether a process of this machine runs, also somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
