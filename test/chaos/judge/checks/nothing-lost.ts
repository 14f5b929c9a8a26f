import { type CaseFile, keyOf, type Message } from '../case-file.ts';
import type { SendRecord } from '../history.ts';
import { shown, type Violation } from '../violation.ts';

/** Every message is settled or put aside, every record that is no message is put aside, and there are no others. */
export function nothingLost(file: CaseFile): readonly Violation[] {
  const isPutAside = (record: SendRecord) => file.deadLetters.has(keyOf(record));
  const lost = file.messages
    .filter(({ records, settlings }) => records.length > 0 && settlings.length === 0)
    .filter(({ records }) => !records.some(isPutAside))
    .map(({ id, records }): Violation => {
      return { kind: 'LOST', text: `${shown(id)} at ${records.map(keyOf).join(', ')}` };
    });
  const lostRecords = file.history.sent
    .filter((record) => record.request === null && !isPutAside(record))
    .map((record): Violation => {
      return { kind: 'LOST', text: `the record at ${keyOf(record)}, which is no send request` };
    });
  return [...lost, ...lostRecords, ...file.messages.flatMap(unpublished)];
}

function unpublished({ id, records, settlings, attempts }: Message): readonly Violation[] {
  if (records.length > 0) return [];
  const calls = attempts.reduce((sum, attempt) => sum + attempt.calls.length, 0);
  if (settlings.length + calls === 0) return [];
  return [{ kind: 'UNPUBLISHED', text: `${shown(id)}: ${settlings.length} settling events, ${calls} calls` }];
}
