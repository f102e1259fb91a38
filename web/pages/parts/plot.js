// A small plot of one figure over the last hours (uPlot). What it shows stands in words beside it.
import uPlot from "/modules/uplot.js";

import { html, useEffect, useRef } from "../lib/html.js";

const height_px = 56;
const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

function options_of(element, tone) {
  return {
    width: Math.max(120, element.clientWidth),
    height: height_px,
    cursor: { show: false },
    legend: { show: false },
    select: { show: false },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, Math.max(1, max)] } },
    axes: [{ show: false }, { show: false }],
    padding: [4, 0, 0, 0],
    series: [
      {},
      {
        stroke: colour(element, `--${tone}`),
        fill: colour(element, `--${tone}`),
        width: 0,
        paths: uPlot.paths.bars({ size: [0.7, 40] }),
        points: { show: false },
      },
    ],
  };
}

/** @param times seconds since 1970, values alike */
export function Plot({ times, values, tone = "accent", label }) {
  const place = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    const element = place.current;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options_of(element, tone), [times, values], element);
    };
    draw();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(120, element.clientWidth), height: height_px }),
    );
    resized.observe(element);
    return () => {
      dark.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [tone]);
  useEffect(() => {
    plot.current?.setData([times, values]);
  }, [times, values]);
  return html`<div class="plot" ref=${place} role="img" aria-label=${label}></div>`;
}
