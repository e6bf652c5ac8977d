/** Loaded before a process's own code: writing of files under GENSCOPE_FULL fails as it does on a full disk. */
const fs = require('node:fs');

const places = new Map();
const { openSync, writeSync } = fs;
fs.openSync = (file, ...rest) => {
  const descriptor = openSync(file, ...rest);
  places.set(descriptor, String(file));
  return descriptor;
};
fs.writeSync = (descriptor, ...rest) => {
  const place = places.get(descriptor) ?? '';
  if (place.startsWith(process.env.GENSCOPE_FULL)) {
    // The first bytes still find room.
    writeSync(descriptor, rest[0], rest[1], Math.min(100, rest[0].length));
    throw Object.assign(new Error(`ENOSPC: no space left on device, write '${place}'`), { code: 'ENOSPC' });
  }
  return writeSync(descriptor, ...rest);
};
