import { Extension } from "@tiptap/core"
import { Plugin, PluginKey } from "@tiptap/pm/state"
import { Decoration, DecorationSet } from "@tiptap/pm/view"

const remarks = new PluginKey("remarks")
const SPACE = /\s/gu

/** Marks the words that a reviewer has remarked on. They are no part of the text: nothing of them is sent or copied. */
export const Remarks = Extension.create({
  name: "remarks",
  addProseMirrorPlugins: () => [
    new Plugin({
      key: remarks,
      state: {
        init: () => DecorationSet.empty,
        // Placed by their words once, then carried along: a mark stays while its words are being mended.
        apply: (tr, shown) => (tr.getMeta(remarks) ? placed(tr.doc, tr.getMeta(remarks)) : shown.map(tr.mapping, tr.doc)),
      },
      props: { decorations: (state) => remarks.getState(state) },
    }),
  ],
})

/** Each of `list` is `{number, quote, before, after, text}`: what was remarked on, what stood around it, what was said. */
export function showRemarks(editor, list) {
  editor.view.dispatch(editor.state.tr.setMeta(remarks, list).setMeta("addToHistory", false))
}

function placed(doc, list) {
  const { text, positions } = lettersOf(doc)
  const marks = list.flatMap(({ number, quote, before, after, text: said }) => {
    const words = tight(quote)
    const start = bestPlace(text, words, tight(before), tight(after))
    if (start === null) return []
    const last = positions[start + words.length - 1]
    const title = `批注 ${number}：${said}`
    return [
      Decoration.inline(positions[start], last + 1, { class: "remarked", title }),
      Decoration.inline(last, last + 1, { class: "remarked-end", "data-number": `${number}` }),
    ]
  })
  return DecorationSet.create(doc, marks)
}

/** The text without spaces and line ends, which the server's plain text sets otherwise, and where each letter stands. */
function lettersOf(doc) {
  const positions = []
  let text = ""
  doc.descendants((node, position) => {
    if (!node.isText) return
    for (let index = 0; index < node.text.length; index += 1) {
      if (node.text[index].match(SPACE)) continue
      text += node.text[index]
      positions.push(position + index)
    }
  })
  return { text, positions }
}

function tight(text) {
  return text.replace(SPACE, "")
}

/** Of several places the one whose surroundings are most alike; null where the words are gone. */
function bestPlace(text, words, before, after) {
  let best = null
  let most = -1
  for (let place = words ? text.indexOf(words) : -1; place >= 0; place = text.indexOf(words, place + 1)) {
    const end = place + words.length
    const alike = common(reversed(before), reversed(text.slice(0, place).slice(-before.length))) + common(after, text.slice(end))
    if (alike > most) [best, most] = [place, alike]
  }
  return best
}

function reversed(text) {
  return [...text].reverse().join("")
}

function common(one, other) {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}
