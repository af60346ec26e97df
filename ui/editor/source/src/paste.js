import { isOwnPicture } from "./figure.js"

const LEFT_OUT = "script, style, meta, link, title, xml, template, noscript, iframe, object, embed, svg, video, audio, " +
  "button, input, select, textarea, mpvoice, mp-common-profile, [style*='display:none'], [style*='display: none'], [style*='mso-hide:all']"
const BLOCKS = "p, div, section, li, h2, h3, h4, blockquote, td, th, figcaption"
const HEADINGS = { H1: "h2", H5: "h4", H6: "h4" }
const NUMBERED = /^[(（]?[0-9a-z一二三四五六七八九十]+[.．、)）]/i

export function newPastedId() {
  return `p${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`
}

/**
 * What another program put on the clipboard, reduced to what the schema can read.
 * Not a security boundary: the document is inert here, the schema drops the rest, and the server cleans again.
 */
export function tidyPastedHtml(html, { largest }) {
  if (html.includes("data-pm-slice")) return { html, foreign: 0, oversized: 0 }
  const { body } = new DOMParser().parseFromString(html, "text/html")
  removeComments(body)
  for (const element of body.querySelectorAll(LEFT_OUT)) element.remove()
  for (const element of [...body.querySelectorAll("*")]) if (element.tagName.includes(":")) unwrap(element)
  gatherWordLists(body)
  for (const element of [...body.querySelectorAll("h1, h5, h6")]) rename(element, HEADINGS[element.tagName])
  const pictures = keepOwnPictures(body, largest)
  dropIndents(body)
  dropEmptyBlocks(body)
  return { html: body.innerHTML, ...pictures }
}

function removeComments(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT)
  const found = []
  while (walker.nextNode()) found.push(walker.currentNode)
  for (const comment of found) comment.remove()
}

function unwrap(element) {
  element.replaceWith(...element.childNodes)
}

function rename(element, tag) {
  const renamed = element.ownerDocument.createElement(tag)
  renamed.append(...element.childNodes)
  element.replaceWith(renamed)
}

/** Word writes a list as paragraphs that carry `mso-list:l0 level2 lfo1` and their mark as text. */
function gatherWordLists(body) {
  let open = []
  for (const paragraph of [...body.querySelectorAll("p[style*='mso-list'], h1[style*='mso-list']")]) {
    const level = Number(/mso-list:[^;]*level(\d)/i.exec(paragraph.getAttribute("style"))?.[1])
    if (!level) continue
    const tag = NUMBERED.test(takeMark(paragraph)) ? "OL" : "UL"
    if (paragraph.previousElementSibling !== open[0]) open = []
    open.length = Math.min(open.length, level)
    if (open.length === level && open.at(-1).tagName !== tag) open.pop()
    while (open.length < level) open.push(openList(paragraph, open.at(-1), tag))
    const item = body.ownerDocument.createElement("li")
    item.append(...paragraph.childNodes)
    open.at(-1).append(item)
    paragraph.remove()
  }
}

function takeMark(paragraph) {
  const mark = [...paragraph.querySelectorAll("span")].find((span) =>
    /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""),
  )
  mark?.remove()
  return mark?.textContent.trim() ?? ""
}

function openList(paragraph, outer, tag) {
  const list = paragraph.ownerDocument.createElement(tag)
  if (!outer) paragraph.before(list)
  else (outer.lastElementChild ?? outer.appendChild(paragraph.ownerDocument.createElement("li"))).append(list)
  return list
}

function keepOwnPictures(body, largest) {
  let foreign = 0
  let oversized = 0
  for (const img of [...body.querySelectorAll("img")]) {
    const src = img.getAttribute("src") ?? ""
    if (src.length > largest * 1.34) oversized += 1
    else if (!isOwnPicture(src)) foreign += 1
    else {
      if (src.startsWith("data:")) img.setAttribute("data-pasted", newPastedId())
      continue
    }
    img.remove()
  }
  for (const figure of [...body.querySelectorAll("figure")]) {
    if (figure.querySelectorAll("img").length !== 1) unwrap(figure)
  }
  return { foreign, oversized }
}

/** The layout indents paragraphs; blanks typed for that purpose would indent twice. */
function dropIndents(body) {
  for (const block of body.querySelectorAll(BLOCKS)) {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      walker.currentNode.data = walker.currentNode.data.replace(/^[\s\u3000]+/, "")
      if (walker.currentNode.data) break
    }
  }
}

function dropEmptyBlocks(body) {
  for (const block of [...body.querySelectorAll(BLOCKS)].reverse()) {
    if (block.matches("td, th")) continue
    if (!block.textContent.trim() && !block.querySelector("img, hr, table")) block.remove()
  }
}
