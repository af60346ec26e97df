import { Node } from "@tiptap/core"
import { NodeSelection, Plugin, TextSelection } from "@tiptap/pm/state"

const STORED = /^asset:([0-9a-f]{64})$/
const CARRIED = /^data:image\/(?!svg)[\w.+-]+;base64,[A-Za-z0-9+/=]+$/

export function storedFingerprint(src) {
  return STORED.exec(src ?? "")?.[1]
}

/** Pictures of ours, and pictures that came whole with the paste; an address elsewhere is never loaded. */
export function isOwnPicture(src) {
  return STORED.test(src ?? "") || CARRIED.test(src ?? "")
}

function attributesOf(img) {
  const src = img?.getAttribute("src") ?? ""
  if (!isOwnPicture(src)) return false
  return { src, alt: img.getAttribute("alt") ?? "", pasted: img.getAttribute("data-pasted") || null }
}

/** A picture with its caption: the caption is the node's text. `asset:` stays in the value, never in the page. */
export const Figure = Node.create({
  name: "figure",
  group: "block",
  content: "inline*",
  draggable: true,
  isolating: true,

  addOptions: () => ({ addressOf: () => "" }),

  addAttributes: () => ({ src: { default: "" }, alt: { default: "" }, pasted: { default: null } }),

  parseHTML() {
    return [
      {
        tag: "figure",
        getAttrs: (figure) => attributesOf(figure.querySelector("img")),
        contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption"),
      },
      { tag: "img", getAttrs: attributesOf },
    ]
  },

  renderHTML({ node }) {
    const { src, alt, pasted } = node.attrs
    const img = pasted ? { src, "data-pasted": pasted, alt } : { src, alt }
    return ["figure", ["img", img], ["figcaption", 0]]
  },

  addNodeView() {
    return ({ node, editor, getPos }) => new FigureView(node, editor, getPos, this.options)
  },

  addProseMirrorPlugins() {
    return [new Plugin({ props: { handleDOMEvents: typingIntoCaption(this.editor) } })]
  },

  addKeyboardShortcuts() {
    return {
      Enter: ({ editor }) => leaveCaption(editor),
      Backspace: ({ editor }) => selectFromCaption(editor),
    }
  },
})

class FigureView {
  constructor(node, editor, getPos, options) {
    this.options = options
    this.dom = document.createElement("figure")
    this.img = document.createElement("img")
    this.img.draggable = true
    this.img.contentEditable = "false"
    this.img.addEventListener("click", () => selectNode(editor, getPos()))
    this.img.addEventListener("addresses", () => this.show(this.node))
    this.img.addEventListener("error", () => this.dom.classList.add("is-missing"))
    this.img.addEventListener("load", () => this.dom.classList.remove("is-missing"))
    this.contentDOM = document.createElement("figcaption")
    this.dom.append(this.img, this.contentDOM)
    this.show(node)
  }

  show(node) {
    this.node = node
    const address = this.options.addressOf(node.attrs.src)
    if (this.img.getAttribute("src") !== address) this.img.setAttribute("src", address)
    this.img.alt = node.attrs.alt || "图片"
    this.dom.classList.toggle("is-missing", !address)
    this.dom.classList.toggle("without-caption", node.content.size === 0)
  }

  update(node) {
    if (node.type !== this.node.type) return false
    this.show(node)
    return true
  }

  ignoreMutation(mutation) {
    return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target)
  }
}

function selectNode(editor, position) {
  if (!editor.isEditable) return
  editor.view.dispatch(editor.state.tr.setSelection(NodeSelection.create(editor.state.doc, position)))
}

function captionAt({ state }) {
  const { $from, empty } = state.selection
  return $from.parent.type.name === "figure" ? { $from, empty } : null
}

function leaveCaption(editor) {
  const caption = captionAt(editor)
  if (!caption) return false
  const after = caption.$from.after()
  const { tr, schema } = editor.state
  tr.insert(after, schema.nodes.paragraph.create())
  editor.view.dispatch(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
  return true
}

/** At the head of a caption, Backspace takes hold of the picture; the next one removes it. */
function selectFromCaption(editor) {
  const caption = captionAt(editor)
  if (!caption?.empty || caption.$from.parentOffset > 0) return false
  selectNode(editor, caption.$from.before())
  return true
}

/** Swap the block at the selection with its neighbour: `direction` is -1 for up and 1 for down. */
export function moveFigure(editor, direction) {
  const position = figurePosition(editor)
  if (position === null) return false
  const { tr, doc } = editor.state
  const $position = doc.resolve(position)
  const node = $position.nodeAfter
  const index = $position.index()
  const neighbour = $position.parent.maybeChild(index + direction)
  if (!neighbour) return false
  const target = direction < 0 ? position - neighbour.nodeSize : position + neighbour.nodeSize
  tr.delete(position, position + node.nodeSize).insert(target, node)
  editor.view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, target)).scrollIntoView())
  return true
}

/** Whoever types with a picture selected means its caption; ProseMirror would put the letter in the picture's place. */
const typingIntoCaption = (editor) => ({
  // An input method announces itself by this code before its first letter.
  keydown: (_view, event) => void (event.keyCode === 229 && enterCaption(editor)),
  beforeinput(_view, event) {
    if (event.inputType !== "insertText" || !event.data || !enterCaption(editor)) return false
    event.preventDefault()
    editor.view.dispatch(editor.state.tr.insertText(event.data))
    return true
  },
})

function enterCaption(editor) {
  const { selection } = editor.state
  if (selection.node?.type.name !== "figure" || !editor.isEditable) return false
  return editor.commands.setTextSelection(selection.to - 1)
}

/** Start a paragraph below the picture that holds the cursor, so that what is put in does not replace it. */
export function stepPastFigure(editor, chain) {
  const position = figurePosition(editor)
  if (position === null) return chain
  const after = position + editor.state.doc.nodeAt(position).nodeSize
  return chain.insertContentAt(after, { type: "paragraph" }).setTextSelection(after + 1)
}

export function figurePosition({ state }) {
  const { selection } = state
  if (selection.node?.type.name === "figure") return selection.from
  return selection.$from.parent.type.name === "figure" ? selection.$from.before() : null
}
