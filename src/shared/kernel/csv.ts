/** Cells of CSV (RFC 4180) that come from strangers' files. */

/**
 * One cell. Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a return) gets an apostrophe
 * in front, as OWASP advises; numbers stay as they are.
 */
export function csvCell(value: string | number | boolean): string {
  const given = String(value);
  const text = typeof value === 'string' && isFormula(given) ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number written as text is none: “-1.5” stays what it is. Some programs look past spaces, and at full-width signs. */
function isFormula(text: string): boolean {
  return /^[\s\p{Cf}]*[=+\-@＝＋－＠|%]/u.test(text) || /^[\t\r\n]/.test(text)
    ? !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    : false;
}
