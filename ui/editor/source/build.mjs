import { readFileSync } from "node:fs"
import { build } from "esbuild"

// Streamlit takes a text without a line break inside it for a file name, so both bundles open with a comment line.
const heading = "/* Built from ui/editor/source by `npm run build`; see docs/editor.md. */"

await build({
  entryPoints: { editor: "src/main.js" },
  outdir: "..",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  banner: { js: `${heading}\n/* Contains TipTap and ProseMirror (MIT licence). */` },
})
await build({
  entryPoints: { editor: "src/editor.css" },
  outdir: "..",
  minify: true,
  banner: { css: heading },
})

const size = readFileSync("../editor.js").length
console.log(`editor.js: ${size} bytes`)
if (size > 500_000) throw new Error("editor.js is larger than 500 kB: it is sent to every browser")
