/**
 * Loaded before each program that `run.mjs` starts: when run.mjs is gone, in whatever way, the program is asked to
 * stop as by SIGTERM. The channel between the two does not keep the program alive.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
