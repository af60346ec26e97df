import { Editor } from "@tiptap/core"
import { closeHistory } from "@tiptap/pm/history"

import { element } from "./elements.js"
import { stepPastFigure, storedFingerprint } from "./figure.js"
import { newPastedId, tidyPastedHtml } from "./paste.js"
import { showRemarks } from "./remarks.js"
import { extensions } from "./schema.js"
import { Toolbar } from "./toolbar.js"

const PAUSE = 1200 // milliseconds without a keystroke after which the text is sent
const NOTICE = 15_000
const RETURN = 60_000
const CONNECTION = "data-test-connection-state" // Streamlit tells it nowhere else; without it nothing is sent again
const PICTURE = /^image\/(?!svg)/

/**
 * The text as it stands in this browser tab, by the key of the component. Streamlit may take the component off
 * the page and put it back (a container appears above it, the connection is renewed); the words must outlive that.
 */
const texts = (globalThis[Symbol.for("weishentai.rich_text")] ??= new Map())

export class Surface {
  constructor(parent, data, setStateValue) {
    this.data = data
    this.setStateValue = setStateValue
    this.build(parent)
    const kept = this.keptText()
    this.text = kept ?? { session: data.session, rev: data.rev, html: data.html, edited: false }
    texts.set(data.key, this.text)
    this.editor = this.open(this.text.html)
    this.toolbar.attach(this.editor)
    if (kept) this.takeOver()
    this.draw()
    this.watchConnection()
    this.holdStill()
  }

  build(parent) {
    this.toolbar = new Toolbar(() => this.files.click())
    this.paper = element("div", { class: "paper" })
    this.notice = element("span", { class: "notice", role: "status" })
    this.count = element("span", { class: "count" })
    this.label = element("div", { class: "label", "aria-hidden": "true" })
    this.files = element("input", { type: "file", accept: "image/*", multiple: "", hidden: "", "aria-label": "选择图片" })
    this.files.addEventListener("change", () => this.insertChosen())
    this.frame = element("div", { class: "frame" }, this.toolbar.dom, this.paper, element("div", { class: "foot" }, this.notice, this.count))
    this.dom = element("div", { class: "rich-text" }, this.label, this.frame, this.files)
    // Streamlit listens for single letters on the whole page and does not see that they are typed in here.
    for (const name of ["keydown", "keypress", "keyup"]) this.dom.addEventListener(name, (event) => event.stopPropagation())
    this.dom.addEventListener("keydown", (event) => this.shortcut(event))
    parent.append(this.dom)
  }

  /** Words that were on this tab a moment ago; older ones were saved, and may have been changed elsewhere since. */
  keptText() {
    const kept = texts.get(this.data.key)
    if (!kept?.edited) return null
    const sameText = kept.session === this.data.session && kept.rev === this.data.rev
    const justLeft = kept.session !== this.data.session && Date.now() - kept.left < RETURN
    return sameText || justLeft ? kept : null
  }

  open(content) {
    return new Editor({
      element: this.paper,
      content,
      extensions: extensions({ addressOf: (src) => this.addressOf(src) }),
      enableInputRules: false,
      enablePasteRules: false,
      editable: !this.data.disabled,
      injectCSS: false,
      editorProps: {
        attributes: { role: "textbox", "aria-multiline": "true", "aria-label": this.data.label },
        transformPastedHTML: (html) => this.tidy(html),
        handlePaste: (_view, event) => this.takeFiles(event.clipboardData),
        handleDrop: (_view, event, _slice, moved) => !moved && this.takeFiles(event.dataTransfer),
        handleDOMEvents: { compositionend: () => this.later() },
      },
      onUpdate: () => this.changed(),
      onBlur: () => this.send(),
    })
  }

  receive(data, setStateValue) {
    this.data = data
    this.setStateValue = setStateValue
    const { text } = this
    if (text.session !== data.session && text.edited) this.takeOver()
    else if (text.session !== data.session || text.rev !== data.rev) this.replace()
    this.draw()
  }

  /** Python has another text: show it. Undo brings the former one back. */
  replace() {
    const { session, rev, html } = this.data
    clearTimeout(this.timer)
    this.editor.view.dispatch(closeHistory(this.editor.state.tr))
    this.editor.commands.setContent(html, { emitUpdate: false })
    Object.assign(this.text, { session, rev, html, edited: false })
    this.sent = undefined
    this.marked = undefined
  }

  /** A new connection does not know yet what was typed here. */
  takeOver() {
    const renewed = this.text.session !== this.data.session
    Object.assign(this.text, { session: this.data.session, rev: this.data.rev })
    this.sent = undefined
    if (renewed) this.tell("网络已重新连接，编辑器里保留的是您刚才的文字。")
    this.later(0)
  }

  draw() {
    this.label.textContent = this.data.label
    this.dom.style.setProperty("--height", `${this.data.height}px`)
    if (this.editor.isEditable === this.data.disabled) this.editor.setEditable(!this.data.disabled, false)
    this.dom.classList.toggle("is-disabled", this.data.disabled)
    this.files.disabled = this.data.disabled
    this.settlePictures()
    this.markRemarks()
    this.toolbar.refresh()
    this.showCount()
    if (this.data.refusal) this.tell(this.data.refusal)
  }

  /** Placed anew only where they or the text came anew: those that are being mended must not lose their mark. */
  markRemarks() {
    const marked = JSON.stringify(this.data.remarks)
    if (marked === this.marked) return
    this.marked = marked
    showRemarks(this.editor, this.data.remarks)
  }

  // --- Sending -----------------------------------------------------------------------------------------

  changed() {
    Object.assign(this.text, { html: this.editor.getHTML(), edited: true })
    this.showCount()
    this.later()
  }

  later(pause = PAUSE) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.send(), pause)
  }

  send() {
    clearTimeout(this.timer)
    const { session, rev, html, edited } = this.text
    // Between two keystrokes of an input method the text holds letters that nobody meant to write.
    if (!edited || html === this.sent || this.editor.view.composing) return
    this.sent = html
    this.setStateValue("draft", { session, rev, html })
  }

  /** What is sent while the connection is down gets lost without a word, so it is sent again when it is back. */
  watchConnection() {
    const app = document.querySelector(`[${CONNECTION}]`)
    this.connection = new MutationObserver(() => {
      if (app.getAttribute(CONNECTION) !== "CONNECTED") return
      this.sent = undefined
      this.later()
    })
    if (app) this.connection.observe(app, { attributes: true, attributeFilter: [CONNECTION] })
  }

  /** A line of tools that comes or goes must not push the line under the cursor away. */
  holdStill() {
    let height = this.toolbar.dom.offsetHeight
    this.tools = new ResizeObserver(() => {
      this.paper.scrollTop += this.toolbar.dom.offsetHeight - height
      height = this.toolbar.dom.offsetHeight
    })
    this.tools.observe(this.toolbar.dom)
  }

  leave() {
    this.send()
    this.tools.disconnect()
    this.connection.disconnect()
    clearTimeout(this.timer)
    clearTimeout(this.silence)
    this.text.left = Date.now()
    this.editor.destroy()
    this.dom.remove()
  }

  // --- Pictures ----------------------------------------------------------------------------------------

  addressOf(src) {
    const fingerprint = storedFingerprint(src)
    return fingerprint ? (this.data.pictures[fingerprint] ?? "") : src
  }

  /** Pictures the server has stored change from `data:` to `asset:`; refused ones go, with the reason. */
  settlePictures() {
    const { tr, doc } = this.editor.state
    const found = []
    doc.descendants((node, position) => {
      if (node.type.name === "figure" && node.attrs.pasted) found.push([node, position])
    })
    for (const [node, position] of found.reverse()) {
      const fingerprint = this.data.kept[node.attrs.pasted]
      const reason = this.data.refused[node.attrs.pasted]
      if (fingerprint) tr.setNodeMarkup(position, null, { ...node.attrs, src: `asset:${fingerprint}`, pasted: null })
      else if (reason) tr.delete(position, position + node.nodeSize)
      if (reason) this.tell(reason)
    }
    if (tr.docChanged) this.editor.view.dispatch(tr.setMeta("addToHistory", false))
    else this.showPictures()
  }

  showPictures() {
    for (const img of this.paper.querySelectorAll("figure img")) img.dispatchEvent(new Event("addresses"))
  }

  takeFiles(transfer) {
    const files = [...(transfer?.files ?? [])].filter((file) => PICTURE.test(file.type))
    if (files.length === 0 || hasWords(transfer.getData("text/html"))) return false
    this.insertPictures(files)
    return true
  }

  insertChosen() {
    this.insertPictures([...this.files.files])
    this.files.value = ""
  }

  async insertPictures(files) {
    const fitting = files.filter((file) => PICTURE.test(file.type) && file.size <= this.data.largest)
    if (fitting.length < files.length) this.tellOversized(files.length - fitting.length)
    const figures = []
    for (const file of fitting) figures.push({ type: "figure", attrs: { src: await asDataAddress(file), alt: "", pasted: newPastedId() } })
    if (figures.length === 0) return
    stepPastFigure(this.editor, this.editor.chain().focus()).insertContent(figures).run()
    this.later(0)
  }

  tidy(html) {
    const tidied = tidyPastedHtml(html, { largest: this.data.largest })
    if (tidied.oversized) this.tellOversized(tidied.oversized)
    else if (tidied.foreign) {
      this.tell(`有 ${tidied.foreign} 张图片没有带过来：请先存到电脑，再用工具栏的“图片”放进来。`)
    }
    return tidied.html
  }

  tellOversized(number) {
    const limit = Math.floor(this.data.largest / 1_000_000)
    this.tell(`有 ${number} 个文件不是图片或超过 ${limit} MB，没有放进来：请换成 JPG 或 PNG 再试。`)
  }

  // --- Around the text ---------------------------------------------------------------------------------

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.isComposing) return
    const orders = {
      k: () => this.toolbar.askForLink(),
      s: () => this.send(),
      "\\": () => this.editor.chain().focus().unsetAllMarks().clearNodes().run(),
    }
    const order = orders[event.key.toLowerCase()]
    if (!order || !this.editor.isEditable) return
    event.preventDefault()
    order()
  }

  showCount() {
    const text = this.editor.state.doc.textBetween(0, this.editor.state.doc.content.size, "\n")
    this.count.textContent = `共 ${[...text.replace(/\s/gu, "")].length.toLocaleString("zh-CN")} 字`
  }

  tell(sentence) {
    clearTimeout(this.silence)
    this.notice.textContent = sentence
    this.silence = setTimeout(() => (this.notice.textContent = ""), NOTICE)
  }
}

function hasWords(html) {
  return Boolean(html) && new DOMParser().parseFromString(html, "text/html").body.textContent.trim() !== ""
}

function asDataAddress(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result)
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
