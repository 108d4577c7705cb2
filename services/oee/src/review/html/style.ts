/** Of the printable review: one file, no script, readable in black and white. */
import { Markup } from "./markup.ts";

export const STYLE: Markup = new Markup(`
@page { size: A4; margin: 16mm 15mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8.5pt system-ui, "DejaVu Sans", sans-serif; color: #47535f; } }
* { box-sizing: border-box; }
body { margin: 0; font: 10.5pt/1.4 system-ui, "DejaVu Sans", sans-serif; color: #16202a; background: #fff; }
main { max-width: 180mm; margin: 0 auto; padding: 8mm 0; }
h1 { font-size: 19pt; line-height: 1.2; margin: 0 0 2mm; }
h2 { font-size: 12.5pt; margin: 7mm 0 2mm; border-bottom: 1px solid #9aa5b1; padding-bottom: 1mm; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 0 0 2mm; }
.over { color: #47535f; font-size: 9.5pt; }
.lead { font-size: 12pt; margin: 4mm 0; }
.note, .none, footer { color: #47535f; font-size: 9pt; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4mm; margin-top: 4mm; }
.tile { border: 1px solid #9aa5b1; border-radius: 1.5mm; padding: 2.5mm 3mm; break-inside: avoid; }
.tile .name { font-weight: 600; margin: 0; }
.tile .value { font-size: 20pt; font-weight: 650; line-height: 1.2; margin: 0; font-variant-numeric: tabular-nums; }
.small { font-size: 8.5pt; color: #47535f; margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: 9.3pt; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; border-bottom: 1px solid #9aa5b1; vertical-align: bottom; }
th, td { padding: 1mm 2mm 1mm 0; }
td { border-bottom: 1px solid #dde3e9; vertical-align: top; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.strong { font-weight: 650; }
.path { color: #47535f; font-size: 8pt; }
.status { white-space: nowrap; }
.status.good::before { content: "\\2713  "; color: #0b6e3f; font-weight: 700; }
.status.bad::before { content: "\\2717  "; color: #a3211c; font-weight: 700; }
.status.good { color: #0b6e3f; } .status.bad { color: #a3211c; }
svg { width: 100%; height: auto; display: block; break-inside: avoid; }
svg text { font: 9.5px system-ui, "DejaVu Sans", sans-serif; fill: #16202a; }
svg .tick { fill: #47535f; }
.grid { stroke: #dde3e9; } .line { fill: none; stroke: #0f5c9c; stroke-width: 2; } .dot { fill: #0f5c9c; }
.path { stroke: none; } path.path { fill: none; stroke: #47535f; stroke-width: 1.3; stroke-dasharray: 5 4; }
rect.total { fill: #5b6876; } rect.up { fill: #0b6e3f; } rect.down { fill: #a3211c; } rect.bar { fill: #0f5c9c; }
.sign td { height: 11mm; }
section { break-inside: auto; }
section:has(svg) { break-inside: avoid-page; }
footer { margin-top: 8mm; }
`);
