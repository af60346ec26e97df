import { Mark } from "@tiptap/core"
import Subscript from "@tiptap/extension-subscript"
import Superscript from "@tiptap/extension-superscript"
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table"
import { Placeholder } from "@tiptap/extensions"
import StarterKit from "@tiptap/starter-kit"

import { Figure } from "./figure.js"
import { Remarks } from "./remarks.js"

export const WEB_ADDRESS = /^(?:https?:\/\/|mailto:)[^\s<>"'\\^`{|}]{1,2000}$/i

const Highlight = Mark.create({
  name: "mark",
  parseHTML: () => [{ tag: "mark" }],
  renderHTML: () => ["mark", 0],
})

/** Nothing but what `services.manuscript.cleaning` keeps, so that the author sees what will be published. */
export function extensions(figureOptions) {
  return [
    StarterKit.configure({
      heading: { levels: [2, 3, 4] },
      code: false,
      codeBlock: false,
      link: {
        openOnClick: false,
        autolink: false,
        defaultProtocol: "https",
        isAllowedUri: (address) => WEB_ADDRESS.test((address ?? "").trim()),
        HTMLAttributes: { target: null, rel: null, class: null },
      },
    }),
    Highlight,
    Subscript,
    Superscript,
    Table.configure({ resizable: false }),
    TableRow,
    TableHeader,
    TableCell,
    Figure.configure(figureOptions),
    Remarks,
    Placeholder.configure({ placeholder: "在这里写正文，或从 Word、公众号文章粘贴……" }),
  ]
}
