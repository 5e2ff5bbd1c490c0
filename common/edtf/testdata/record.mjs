// SPDX-License-Identifier: Apache-2.0
//
// Records what the reader of EDTF of the npm package `edtf` makes of texts, one line each:
//
//   npm install edtf@4.11.1 && cut -f1 edtf_js.tsv | node record.mjs > new.tsv
//
// A line is: the text, the type, the first day and the last; or the text and "refused". Of an end,
// "open" says that there is none, and "unknown" that it is not known.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const edtf = createRequire(process.cwd() + '/').call(null, 'edtf').default;

function day(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return 'unknown';
  if (!Number.isFinite(ms)) return 'open';
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const digits = String(Math.abs(year)).padStart(4, '0');
  const pad = (number) => String(number).padStart(2, '0');
  return `${year < 0 ? '-' : ''}${digits}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

for (const text of readFileSync(0, 'utf8').split('\n')) {
  if (text === '') continue;
  let line;
  try {
    const date = edtf(text, { level: 2 });
    line = [text, date.type, day(date.min), day(date.max)];
  } catch {
    line = [text, 'refused'];
  }
  console.log(line.join('\t'));
}
