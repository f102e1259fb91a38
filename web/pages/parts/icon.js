// The page's few signs, drawn for it: lines on a grid of 24. Always beside words, or with a label.
import { html } from "../lib/html.js";

const drawn = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM14 4v3h6V4zM4 20h6v-3H4z",
  integrations: "M4 7h16v11H4zM4 7l8 6 8-6",
  received: "M4 13v6h16v-6M12 4v9M8 9l4 4 4-4",
  sent: "M4 12l16-8-6 16-3-7z",
  queue: "M5 6h14M5 12h14M5 18h9",
  quarantine: "M12 3l8 4v5c0 5-3.500 7.500-8 9-4.500-1.500-8-4-8-9V7zM9 12h6",
  rules: "M5 5v5a3 3 0 0 0 3 3h11M16 10l3 3-3 3M5 10v9",
  targets: "M12 12h.01M12 8a4 4 0 1 0 4 4M12 4a8 8 0 1 0 8 8M16 8l4-4M17 4h3v3",
  alerts: "M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20h4",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  audit: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3",
  ok: "M5 12.500l4.500 4.500L19 7.500",
  failing: "M6 6l12 12M18 6L6 18",
  waiting: "M12 6v6l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  off: "M6 12h12",
  key: "M14 10a4 4 0 1 0-3.500 4L13 16.500h2v2h2v2h3v-3l-5.500-5.500M9 9h.01",
  pause: "M8 5v14M16 5v14",
  star: "M12 4l2.500 5.200 5.500.7-4 4 1 5.600-5-2.700-5 2.700 1-5.600-4-4 5.500-.7z",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.500 15.500L20 20",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  up: "M6 14l6-6 6 6",
  down: "M6 10l6 6 6-6",
  clip: "M8 12l6-6a3 3 0 0 1 4.500 4.500l-8 8a5 5 0 0 1-7-7L11 4",
  out: "M14 5h5v14h-5M4 12h11M11 8l4 4-4 4",
};

export function Icon({ name, label, className = "" }) {
  return html`<svg
    class=${`icon ${className}`}
    viewBox="0 0 24 24"
    width="20"
    height="20"
    role=${label ? "img" : undefined}
    aria-label=${label}
    aria-hidden=${label ? undefined : "true"}
    focusable="false"
  >
    <path d=${drawn[name] ?? drawn.off} />
  </svg>`;
}
