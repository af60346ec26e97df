/** 24 × 24 line drawings; the colour comes from the button. */
const PATHS = {
  bold: "M7 5h6.5a3.5 3.5 0 0 1 0 7H7zM7 12h7.5a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14 5l-4 14",
  underline: "M7 4v7a5 5 0 0 0 10 0V4M5 20h14",
  strike: "M4 12h16M16.5 7.5C16 6 14.3 5 12 5c-2.6 0-4.5 1.2-4.5 3.3M7.5 16c.5 1.8 2.2 3 4.5 3 2.7 0 4.5-1.3 4.5-3.4 0-.6-.1-1.1-.3-1.6",
  sub: "M4 6l9 11M13 6L4 17M16.5 17.2a1.9 1.9 0 1 1 3.4 1.2L16.5 22h4",
  sup: "M4 8l9 11M13 8L4 19M16.5 3.7a1.9 1.9 0 1 1 3.4 1.2L16.5 8.5h4",
  bullets: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  numbers: "M10 6h10M10 12h10M10 18h10M4 4.5l1.5-.8V8.5M3.8 14.2c.2-.9 2.7-1.2 2.7.4 0 1-2.7 2-2.7 3.4h2.9",
  quote: "M10 7H6a1 1 0 0 0-1 1v4h4a1 1 0 0 1 1 1c0 2-1 3.5-3 4M19 7h-4a1 1 0 0 0-1 1v4h4a1 1 0 0 1 1 1c0 2-1 3.5-3 4",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 4.5M14.5 9.5h.01",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  rule: "M4 12h16",
  undo: "M9 7L4 12l5 5M4 12h10a5 5 0 0 1 0 10h-2",
  redo: "M15 7l5 5-5 5M20 12H10a5 5 0 0 0 0 10h2",
  clear: "M6 5h13M12.5 5l-3 10M4 19h8M15 15l5 5M20 15l-5 5",
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", PATHS[name])
  svg.append(path)
  return svg
}
