import { ACTIONS, actionsHere, DIRECT, TEXT_STYLES } from "./actions.js"
import { element } from "./elements.js"
import { figurePosition, stepPastFigure } from "./figure.js"
import { icon } from "./icons.js"
import { WEB_ADDRESS } from "./schema.js"

/** The tools above the text. `choosePictures` is given by the surface because it owns the file field. */
export class Toolbar {
  constructor(choosePictures) {
    this.direct = { ...DIRECT, choosePictures, askForLink: () => this.askForLink(), askForAlt: () => this.askForAlt() }
    this.buttons = new Map()
    this.style = element("select", { "aria-label": "标题", title: "标题" })
    for (const { value, label } of TEXT_STYLES) this.style.append(element("option", { value }, label))
    this.style.addEventListener("change", () => this.setStyle(this.style.value))
    this.main = element("div", { class: "tools", role: "toolbar", "aria-label": "排版工具" }, this.style)
    for (const group of ACTIONS) this.main.append(element("div", { class: "group" }, ...group.map((each) => this.button(each))))
    this.here = element("div", { class: "tools here", role: "toolbar", hidden: "" })
    this.question = element("form", { class: "question", hidden: "" })
    this.dom = element("div", { class: "head" }, this.main, this.here, this.question)
    for (const bar of [this.main, this.here]) bar.addEventListener("keydown", (event) => moveFocus(bar, event))
  }

  attach(editor) {
    this.editor = editor
    editor.on("transaction", () => this.refresh())
    this.refresh()
  }

  button(action) {
    const name = action.label ?? action.title
    const title = action.keys ? `${name}（${action.keys}）` : name
    const button = element("button", { type: "button", title, "aria-label": name, tabindex: "-1" })
    if (action.name) button.append(icon(action.name))
    if (action.label) button.append(element("span", {}, action.label))
    // Pressing must not take the selection away from the text.
    button.addEventListener("mousedown", (event) => event.preventDefault())
    button.addEventListener("click", () => this.perform(action))
    this.buttons.set(action, button)
    return button
  }

  perform(action) {
    if (action.direct) this.direct[action.direct](this.editor)
    else if (action.inserts) action.run(stepPastFigure(this.editor, this.editor.chain().focus())).run()
    else action.run(this.editor.chain().focus()).run()
  }

  setStyle(value) {
    TEXT_STYLES.find((each) => each.value === value).run(this.editor.chain().focus()).run()
  }

  refresh() {
    const { editor } = this
    this.showActionsHere()
    for (const [action, button] of this.buttons) {
      if (action.active) {
        const active = editor.isActive(action.active)
        button.setAttribute("aria-pressed", String(active))
      }
      const possible = !action.run || action.inserts || action.run(editor.can().chain()).run()
      button.disabled = !editor.isEditable || !possible
    }
    const level = editor.getAttributes("heading").level
    this.style.value = level ? String(level) : "paragraph"
    this.style.disabled = !editor.isEditable
    keepOneStop(this.main)
    keepOneStop(this.here)
  }

  showActionsHere() {
    const { label, actions } = this.editor.isEditable ? actionsHere(this.editor) : { label: "", actions: [] }
    if (this.shown !== actions && !(this.shown?.length === 0 && actions.length === 0)) {
      for (const action of this.shown ?? []) this.buttons.delete(action)
      this.here.replaceChildren(...actions.map((each) => this.button(each)))
      this.here.setAttribute("aria-label", label)
      this.here.hidden = actions.length === 0
      this.shown = actions
    }
  }

  askForLink() {
    const { editor } = this
    this.ask({
      label: "链接地址",
      value: editor.getAttributes("link").href ?? "",
      placeholder: "https://",
      removal: editor.isActive("link") ? "移除链接" : "",
      accept: (address) => this.setLink(address),
    })
  }

  setLink(given) {
    const address = /^[a-z][a-z0-9+.-]*:/i.test(given) ? given : `https://${given}`
    if (given && !WEB_ADDRESS.test(address)) return "这个地址打不开：请粘贴以 http 或 https 开头的完整网址。"
    // Only now: a chain takes the focus as soon as it is begun, and what is typed next would land in the text.
    const chain = this.editor.chain().focus().extendMarkRange("link")
    if (!given) return chain.unsetLink().run()
    if (this.editor.state.selection.empty && !this.editor.isActive("link")) {
      chain.insertContent({ type: "text", text: given, marks: [{ type: "link", attrs: { href: address } }] }).run()
    } else chain.setLink({ href: address }).run()
    return undefined
  }

  askForAlt() {
    const { editor } = this
    const position = figurePosition(editor)
    this.ask({
      label: "替代文字",
      value: editor.state.doc.nodeAt(position).attrs.alt,
      placeholder: "图片看不见时读出的文字",
      accept(alt) {
        editor.view.dispatch(editor.state.tr.setNodeAttribute(position, "alt", alt))
        editor.commands.focus()
      },
    })
  }

  /** One line under the tools instead of a window of the browser's; `accept` may return why it does not accept. */
  ask({ label, value, placeholder, removal, accept }) {
    const field = element("input", { type: "text", "aria-label": label, value, placeholder, autocomplete: "off" })
    const remark = element("span", { class: "remark", role: "alert" })
    const close = () => {
      this.question.hidden = true
      this.question.replaceChildren()
    }
    const answer = (text) => {
      const refusal = accept(text)
      if (typeof refusal === "string") remark.textContent = refusal
      else close()
    }
    const cancel = () => {
      close()
      this.editor.commands.focus()
    }
    this.question.replaceChildren(
      element("label", {}, label, field),
      element("button", { type: "submit", class: "accept" }, "确定"),
      ...(removal ? [plainButton(removal, () => answer(""))] : []),
      plainButton("取消", cancel),
      remark,
    )
    this.question.onsubmit = (event) => {
      event.preventDefault()
      answer(field.value.trim())
    }
    this.question.onkeydown = (event) => {
      if (event.key === "Escape") cancel()
    }
    this.question.hidden = false
    field.select()
  }
}

function plainButton(label, run) {
  const button = element("button", { type: "button" }, label)
  button.addEventListener("click", run)
  return button
}

const stops = (bar) => [...bar.querySelectorAll("select, button")].filter((each) => !each.disabled)

/** A toolbar is one stop of the Tab key; the arrow keys move inside it. */
function keepOneStop(bar) {
  const [first, ...rest] = stops(bar)
  const current = stops(bar).find((each) => each.tabIndex === 0) ?? first
  for (const each of [first, ...rest]) if (each) each.tabIndex = each === current ? 0 : -1
}

function moveFocus(bar, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const focused = bar.getRootNode().activeElement
  if (!step || !stops(bar).includes(focused)) return
  event.preventDefault()
  const all = stops(bar)
  const next = all[(all.indexOf(focused) + step + all.length) % all.length]
  focused.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}
