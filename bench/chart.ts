import type { Growth, Results } from "./results.ts";

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a }
.ours { fill: #0969da; stroke: #0969da } .other { fill: #8c959f; stroke: #8c959f } .axis { stroke: #d0d7de }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } .axis { stroke: #3d444d } }
</style>`;

/** What the README shows. */
const summary = ["C", "ours", "perl", "node"];

export const summaryChart = (results: Results): string =>
  bars({ ...results, figures: results.figures.filter(({ name }) => summary.includes(name)) });

export const timeChart = (results: Results): string => bars(results);

/** Whole-process times as bars, shortest first, with a line from p10 to p90. */
function bars({ figures, header }: Results): string {
  const rows = figures.toSorted((a, b) => a.wall.median - b.wall.median);
  const width = 760;
  const left = 300;
  const top = 34;
  const scale = (width - left - 90) / Math.max(...rows.map(({ wall }) => wall.p90));
  const lines = rows.map(({ name, wall }, i) => {
    const y = top + i * 26;
    const end = left + wall.median * scale;
    const range = `x1="${fix(left + wall.p10 * scale)}" x2="${fix(left + wall.p90 * scale)}"`;
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escape(name)}</text>
<rect class="${kind(name)}" x="${left}" y="${y}" width="${fix(wall.median * scale)}" height="17" fill-opacity=".75"/>
<line class="${kind(name)}" ${range} y1="${y + 8.5}" y2="${y + 8.5}"/>
<text class="small" x="${fix(Math.max(end, left + wall.p90 * scale) + 6)}" y="${y + 13}">${(wall.median / 1000).toFixed(1)} ms</text>`;
  });
  const height = top + rows.length * 26 + 8;
  return svg(width, height, [
    `<text x="8" y="20">Whole process, median and p10–p90 of ${escape(header["rounds"] ?? "")} interleaved runs</text>`,
    ...lines,
  ]);
}

/** How the time grows: one small chart for each quantity, ours and the C program's. */
export function growthChart({ growth }: Results): string {
  const columns = 2;
  const cell = { width: 380, height: 190 };
  const cells = growth.map((series, i) => {
    const x = (i % columns) * cell.width;
    const y = Math.floor(i / columns) * cell.height;
    return `<g transform="translate(${x} ${y})">\n${plot(series, cell.width, cell.height)}\n</g>`;
  });
  return svg(columns * cell.width, Math.ceil(growth.length / columns) * cell.height, cells);
}

function plot({ what, points }: Growth, width: number, height: number): string {
  const box = { left: 62, right: width - 14, top: 30, bottom: height - 30 };
  const xs = points.map(({ x }) => Math.log10(x + 1));
  const high = Math.max(...points.flatMap(({ ours, c }) => [ours, c]));
  const [first = 0, last = 1] = [Math.min(...xs), Math.max(...xs)];
  const x = (value: number) =>
    box.left + ((Math.log10(value + 1) - first) / (last - first)) * (box.right - box.left);
  const y = (value: number) => box.bottom - (value / high) * (box.bottom - box.top);
  const line = (key: "ours" | "c") =>
    `<polyline class="line ${key === "ours" ? "ours" : "other"}" style="fill:none" points="${points.map((point) => `${fix(x(point.x))},${fix(y(point[key]))}`).join(" ")}"/>`;
  return [
    `<text x="${box.left}" y="18">${escape(what)} <tspan class="small">(blue: ours, grey: C)</tspan></text>`,
    `<line class="axis" x1="${box.left}" x2="${box.right}" y1="${box.bottom}" y2="${box.bottom}"/>`,
    `<text class="small" x="${box.left - 6}" y="${box.top + 4}" text-anchor="end">${(high / 1000).toFixed(1)} ms</text>`,
    `<text class="small" x="${box.left - 6}" y="${box.bottom + 4}" text-anchor="end">0</text>`,
    ...apart(points, x).map(
      ({ x: value }) =>
        `<text class="small" x="${fix(x(value))}" y="${box.bottom + 16}" text-anchor="middle">${short(value)}</text>`,
    ),
    line("ours"),
    line("c"),
  ].join("\n");
}

/** The points whose labels do not run into each other: the last one, and from there on. */
function apart(points: Growth["points"], x: (value: number) => number): Growth["points"] {
  const shown: Growth["points"] = [];
  for (const point of points.toReversed()) {
    const [next] = shown;
    if (!next || x(next.x) - x(point.x) >= 36) shown.unshift(point);
  }
  return shown;
}

const fix = (value: number) => value.toFixed(1);
const kind = (name: string) => (name.startsWith("ours") ? "ours" : "other");
const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const short = (value: number) =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1000 ? `${value / 1000}k` : String(value);

function svg(width: number, height: number, parts: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n${style}\n${parts.join("\n")}\n</svg>\n`;
}
