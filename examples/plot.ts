/** A chart as SVG: lines or points, axes with their ends named. */

export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
  readonly dots?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Both scales are linear unless asked for. */
  readonly logY?: boolean;
  readonly lines: readonly Line[];
}

const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'];
const [width, height, left, bottom] = [720, 420, 70, 50] as const;

export function svgOf({ title, x, y, logY = false, lines }: Plot): string {
  // The legend stands above the frame.
  const top = Math.max(60, 16 * lines.length + 14);
  const scale = (value: number) => (logY ? Math.log10(Math.max(value, 1e-30)) : value);
  const xs = lines.flatMap(({ points }) => points.map(([px]) => px));
  const ys = lines.flatMap(({ points }) => points.map(([, py]) => scale(py)));
  const [x0, x1, y0, y1] = [least(xs), most(xs), least(ys), most(ys)];
  const px = (value: number) => left + ((value - x0) / (x1 - x0 || 1)) * (width - left - 20);
  const py = (value: number) => height - bottom - ((scale(value) - y0) / (y1 - y0 || 1)) * (height - bottom - top);
  const plain = (value: number) => Number(value.toPrecision(3)).toString();
  const label = (value: number) => (logY ? (10 ** value).toExponential(0) : plain(value));
  const drawn = lines.map(({ points, dots }, i) => {
    const color = colors[i % colors.length];
    if (dots)
      return points
        .map(([a, b]) => `<circle cx="${px(a).toFixed(1)}" cy="${py(b).toFixed(1)}" r="2" fill="${color}"/>`)
        .join('');
    const path = points.map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.8"/>`;
  });
  const legend = lines.map(
    ({ label: text }, i) =>
      `<text x="${width - 20}" y="${16 * (i + 1)}" text-anchor="end" fill="${colors[i % colors.length]}">${escapeXml(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<path d="M${left} ${top} V${height - bottom} H${width - 20}" fill="none" stroke="#888"/>
<text x="${left}" y="22" font-size="15">${escapeXml(title)}</text>
<text x="${left}" y="${height - 32}">${plain(x0)}</text><text x="${width - 20}" y="${height - 32}" text-anchor="end">${plain(x1)}</text>
<text x="${width / 2}" y="${height - 12}" text-anchor="middle">${escapeXml(x)}</text>
<text x="${left - 6}" y="${height - bottom}" text-anchor="end">${label(y0)}</text><text x="${left - 6}" y="${top + 8}" text-anchor="end">${label(y1)}</text>
<text transform="translate(16 ${height / 2}) rotate(-90)" text-anchor="middle">${escapeXml(y)}</text>
${drawn.join('\n')}
${legend.join('\n')}
</svg>
`;
}

const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
