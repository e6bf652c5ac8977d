/** The report's looks: light and dark as the reader's system is, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2128; --quiet: #5b6470; --line: #d5d9df; --paper: #ffffff; --soft: #f4f6f8; --bar: #3567a8;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6ea; --quiet: #9aa4b1; --line: #3a414b; --paper: #16191e; --soft: #1f242b; --bar: #6f9fdb; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1240px; padding: 24px 20px 60px; background: var(--paper); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 36px 0 8px; border-top: 1px solid var(--line); padding-top: 18px; overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 22px 0 6px; }
p { max-width: 78ch; margin: 6px 0; }
.quiet { color: var(--quiet); fill: var(--quiet); }
.warning { border-left: 3px solid #c98a1b; padding-left: 10px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 14px 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 12px ui-monospace, SFMono-Regular, Consolas, monospace; }
nav { margin: 10px 0; }
nav a { margin-right: 14px; }
a { color: var(--bar); }
.chart { display: block; width: 100%; height: auto; font: 12.5px system-ui, sans-serif; }
.chart text { fill: var(--ink); }
.chart text.quiet { fill: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 8px 0; }
th, td { text-align: right; padding: 4px 8px; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: middle; }
th { color: var(--quiet); font-weight: 600; background: var(--soft); }
th.left, td.left { text-align: left; }
td { font-variant-numeric: tabular-nums; }
td.concept { font-weight: 600; text-align: left; }
tr.below td { color: var(--quiet); }
tr.below td.concept { font-weight: 400; }
td img, figure img { display: block; max-width: none; image-rendering: pixelated; }
td.strip { padding: 2px 6px; }
.key { display: inline-block; width: 11px; height: 11px; margin-right: 5px; border: 1px solid var(--line); vertical-align: -1px; }
.legend span.entry { margin-right: 14px; white-space: nowrap; }
figure { margin: 10px 0; }
summary { cursor: pointer; color: var(--bar); }
@media print {
  :root { --ink: #000; --quiet: #444; --line: #bbb; --paper: #fff; --soft: #eee; --bar: #335f99; }
  body { max-width: none; padding: 0; font-size: 11px; }
  tr, figure, .chart { break-inside: avoid; }
  thead { display: table-header-group; }
  nav { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
