import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStatusEvent, type Status } from '@whatsapp-stream/schemas';
import { PLAIN } from '../colours.ts';
import { type BoardOutput, createBoard } from './board.ts';

function event(messageId: string, status: Status) {
  return newStatusEvent({
    event_id: `${messageId} ${status}`,
    message_id: messageId,
    status,
    origin: 'SENDER',
    occurred_at: 0,
    lane: 'otp',
  });
}

const CONTROLS = new RegExp(`(${'\x1b'}\\[\\d+[AK]|\\n)`);

/** Does what a terminal does with the few control sequences that the board uses. */
function screen(columns: number, rows = 24) {
  const lines: string[] = [''];
  let at = 0;
  const output: BoardOutput = {
    isTTY: true,
    columns,
    rows,
    write(text) {
      for (const part of text.split(CONTROLS)) {
        if (part === '\n') at += 1;
        else if (part.endsWith('A') && part.startsWith('\x1b')) at -= Number(part.slice(2, -1));
        else if (part === '\x1b[2K') lines[at] = '';
        else if (part !== '') lines[at] = (lines[at] ?? '') + part;
      }
    },
  };
  return {
    output,
    lines: () => lines.map((line) => line.replace(/^\d\d:\S+ +otp +/, '')).filter((line) => line !== ''),
  };
}

test('each message keeps one line, which grows', () => {
  const { output, lines } = screen(120);
  const board = createBoard(output, PLAIN);
  board.show(event('a', 'ATTEMPTED'));
  board.show(event('b', 'ATTEMPTED'));
  board.show(event('a', 'ACCEPTED'));
  board.show(event('a', 'ACCEPTED'));
  assert.deepEqual(
    lines().map((line) => line.replace(/ +/g, ' ')),
    ['a ATTEMPTED → ACCEPTED', 'b ATTEMPTED'],
  );
});

test('where the terminal is narrow the newest step is seen', () => {
  const { output, lines } = screen(70);
  const board = createBoard(output, PLAIN);
  for (const status of ['ATTEMPTED', 'ACCEPTED', 'SENT', 'DELIVERED', 'READ'] as const)
    board.show(event('a', status));
  assert.match(lines()[0] ?? '', / READ$/);
});

test('a note stands above the messages', () => {
  const { output, lines } = screen(120);
  const board = createBoard(output, PLAIN);
  board.show(event('a', 'ATTEMPTED'));
  board.note('something to know');
  board.show(event('a', 'REFUSED'));
  assert.deepEqual(
    lines().map((line) => line.replace(/ +/g, ' ')),
    ['something to know', 'a ATTEMPTED → REFUSED'],
  );
});

test('no line is wider than the terminal, and the newest stay in view', () => {
  const { output, lines } = screen(30, 6);
  const board = createBoard(output, PLAIN);
  for (const id of ['a', 'b', 'c', 'd', 'e']) board.show(event(id, 'ATTEMPTED'));
  board.show(event('e', 'ACCEPTED'));
  assert.equal(lines().length, 5);
  assert.ok(lines().every((line) => line.length <= 30));
});

test('away from a terminal each event is a line', () => {
  const written: string[] = [];
  const board = createBoard({ write: (text) => written.push(text) }, PLAIN);
  board.show(event('a', 'ATTEMPTED'));
  board.show(event('a', 'ACCEPTED'));
  assert.equal(written.length, 2);
  assert.match(written[1] ?? '', /ATTEMPTED → ACCEPTED\n$/);
});
