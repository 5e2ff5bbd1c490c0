// SPDX-License-Identifier: Apache-2.0
//
// What ical.js, a reader of iCalendar that has nothing to do with the one that wrote it, makes of a
// calendar: its entries as JSON, and an error where a line cannot be parsed.
//
//   node read.mjs DIRECTORY_OF_ICAL_JS FILE
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [directory, file] = process.argv.slice(2);
const { default: ICAL } = await import(
  pathToFileURL(join(directory, 'dist', 'ical.js')).href
);
ICAL.design.strict = true;

// Not a byte of it is mended: what is no UTF-8 is an error.
const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
const root = new ICAL.Component(ICAL.parse(text));
if (root.name !== 'vcalendar') throw new Error(`a ${root.name}`);

const once = ['uid', 'dtstamp', 'created', 'last-modified', 'sequence', 'summary', 'description',
  'location', 'status', 'dtstart', 'dtend', 'transp', 'url'];
const entries = root.getAllSubcomponents().map((component) => {
  const entry = { component: component.name };
  for (const property of component.getAllProperties()) {
    if (once.includes(property.name) && property.name in entry) {
      throw new Error(`${property.name} stands there twice`);
    }
    const value = property.getFirstValue();
    entry[property.name] = typeof value === 'string' || value === null ? value : value.toString();
    if (value instanceof ICAL.Time) entry[`${property.name} is a date`] = `${value.isDate}`;
  }
  // The events' own view: it refuses what is not one.
  if (component.name === 'vevent') {
    const event = new ICAL.Event(component, { strictExceptions: true });
    entry['days'] = `${event.duration.toSeconds() / 86400}`;
  }
  return entry;
});
console.log(JSON.stringify({
  version: root.getFirstPropertyValue('version'),
  prodid: root.getFirstPropertyValue('prodid'),
  entries,
}));
