/**
 * Why there is no export. `occupied`: a day is there already. `unwritable`: the output cannot be made where it
 * should be. `full`: no space is left. `closed`: who read the stream went away.
 */
export type ExportFault = 'occupied' | 'unwritable' | 'full' | 'closed';

/** An export ended for something outside, and left nothing behind. The message is for people. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly fault: ExportFault;

  constructor(fault: ExportFault, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
  }
}

const FULL = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i;
const UNWRITABLE =
  /EACCES|EPERM|EROFS|ENOTDIR|EISDIR|ENOENT|EEXIST|ENOTEMPTY|ENAMETOOLONG|ELOOP|Permission denied|Read-only file system/i;

/** What a failed write means, by Node's error codes and by DuckDB's words; the error itself where that is not known. */
export function writeError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof ExportError) return error;
  const told = `${'code' in error ? error.code : ''} ${error.message}`;
  if (told.includes('EPIPE')) return new ExportError('closed', 'the reader went away', { cause: error });
  if (FULL.test(told)) {
    const text = `no space is left for ${where}: what was begun is removed`;
    return new ExportError('full', text, { cause: error });
  }
  if (UNWRITABLE.test(told)) {
    return new ExportError('unwritable', `${where} cannot be written: ${error.message}`, { cause: error });
  }
  return error;
}
