import { ExportError, type ExportFault } from '@whatsapp-stream/analytics/export';
import { CommandError } from '../command.ts';

/** From sysexits.h; and what a shell has for who ended by SIGPIPE, 128 and 13. */
const CANNOT_CREATE = 73;
const IO_ERROR = 74;
const CLOSED_PIPE = 141;

const CODES: Readonly<Record<ExportFault, number>> = {
  occupied: CANNOT_CREATE,
  unwritable: CANNOT_CREATE,
  full: IO_ERROR,
  closed: CLOSED_PIPE,
};

/** What ended an export, with the exit code that it has. */
export function told(error: unknown): unknown {
  return error instanceof ExportError ? new CommandError(error.message, CODES[error.fault]) : error;
}
