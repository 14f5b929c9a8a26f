/** The colours of the style sheet: text can be read, and lanes can be told apart, by people who see fewer colours too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleSheet } from './bundle.ts';

type Rgb = readonly [number, number, number];
type Colours = ReadonlyMap<string, Rgb>;

const LANES = ['--lane-1', '--lane-2', '--lane-3', '--lane-4'];

function coloursIn(css: string): Colours {
  const found = css.matchAll(/(--[a-z0-9-]+):\s*#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/g);
  return new Map([...found].map(([, name = '', ...hex]) => [name, linear(hex)]));
}

function linear(hex: readonly string[]): Rgb {
  const [r = 0, g = 0, b = 0] = hex.map((two) => {
    const c = Number.parseInt(two, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

const [light = '', dark = ''] = styleSheet().split('@media screen and (prefers-color-scheme: dark)');
const SCHEMES: ReadonlyMap<string, Colours> = new Map([
  ['light', coloursIn(light)],
  ['dark', coloursIn(dark)],
]);

const of = (colours: Colours, name: string): Rgb =>
  colours.get(name) ?? assert.fail(`the style sheet has no ${name}`);

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [a, b].map(([r, g, bl]) => 0.2126 * r + 0.7152 * g + 0.0722 * bl + 0.05);
  return Math.max(x ?? 0, y ?? 0) / Math.min(x ?? 0, y ?? 0);
}

/** Full colour blindness of each kind: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const SIGHTS: Readonly<Record<string, readonly Rgb[]>> = {
  trichromat: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanope: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function times(rows: readonly Rgb[], [x, y, z]: Rgb): Rgb {
  const [a = 0, b = 0, c = 0] = rows.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [a, b, c];
}

/** https://bottosson.github.io/posts/oklab/ */
function oklab(rgb: Rgb): Rgb {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  );
  const [l, m, s] = cones.map((cone) => Math.cbrt(Math.max(0, cone)));
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [l ?? 0, m ?? 0, s ?? 0],
  );
}

function distance(a: Rgb, b: Rgb): number {
  const [x, y] = [oklab(a), oklab(b)];
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

for (const [scheme, colours] of SCHEMES) {
  test(`${scheme}: text has a contrast of 4.5 to what it stands on, and what is drawn one of 3`, () => {
    for (const text of ['--ink', '--quiet', '--link', '--bad']) {
      for (const ground of ['--surface', '--raised']) {
        const ratio = contrast(of(colours, text), of(colours, ground));
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio}`);
      }
    }
    for (const drawn of ['--all', '--lane-others', '--lane-unknown', ...LANES]) {
      const ratio = contrast(of(colours, drawn), of(colours, '--surface'));
      assert.ok(ratio >= 3, `${drawn}: ${ratio}`);
    }
  });

  test(`${scheme}: lanes can be told apart, by whoever looks`, () => {
    for (const [sight, matrix] of Object.entries(SIGHTS)) {
      LANES.forEach((one, i) => {
        for (const other of LANES.slice(i + 1)) {
          const far = distance(times(matrix, of(colours, one)), times(matrix, of(colours, other)));
          assert.ok(far >= 0.08, `${sight}: ${one} and ${other} are ${far} apart`);
        }
      });
    }
  });
}
