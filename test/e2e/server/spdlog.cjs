/**
 * Stands in for VS Code's native log writer (@vscode/spdlog), which npm would have to compile. Without it no log file
 * is written, and the Output view stays empty. Writes at once, so that a test reads what was logged a moment ago.
 * The interface is that of the package's index.d.ts.
 */
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const NAMES_IN_FILE = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
const INFO = 2;

class Logger {
  #file;
  #level = INFO;
  #formatted = true;

  constructor(_type, _name, file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#formatted ? `${time} [${NAMES_IN_FILE[level]}] ${message}\n` : message;
    try {
      appendFileSync(this.#file, line);
    } catch {
      // As the native one does when the folder is gone: logging never breaks what it observes.
    }
  }

  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {
    this.#formatted = true;
  }
  clearFormatters() {
    this.#formatted = false;
  }
  flush() {}
  drop() {}
}
LEVELS.forEach((name, level) => {
  Logger.prototype[name] = function log(message) {
    this.write(level, message);
  };
});

const create = async (name, file) => new Logger('rotating', name, file);

// One by one: VS Code imports this as an ES module, and Node finds the names of a CommonJS one in such lines only.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
