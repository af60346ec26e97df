// Offsets count characters as Python does; a browser counts an emoji twice.
const charactersBefore = (text, unit) => [...text.slice(0, unit)].length

export default function ({ data, parentElement, setStateValue }) {
  const root = document.createElement("div")
  root.className = data.pickable ? "annotated pickable" : "annotated"
  for (const field of data.fields) root.append(...drawn(field, data.pickable))
  parentElement.querySelector(".annotated")?.remove()
  parentElement.append(root)
  if (!data.pickable) return
  if (data.chosen) show(root, data.chosen.field, data.chosen.start, data.chosen.end)
  const choose = (field, start, end) => {
    show(root, field, start, end)
    setStateValue("picked", { field, start, end })
  }
  root.addEventListener("click", (event) => {
    const selected = selection(root)
    if (selected) return choose(...selected)
    const sentence = event.target.closest(".sentence")
    if (sentence) choose(...placeOf(sentence))
  })
  root.addEventListener("keydown", (event) => {
    const sentence = event.target.closest(".sentence")
    if (!sentence || (event.key !== "Enter" && event.key !== " ")) return
    event.preventDefault()
    choose(...placeOf(sentence))
  })
  // A finger selects without a click at its end.
  root.addEventListener("touchend", () => {
    setTimeout(() => {
      const selected = selection(root)
      if (selected) choose(...selected)
    }, 50)
  })
}

function drawn(field, pickable) {
  const label = document.createElement("div")
  label.className = "label"
  label.textContent = field.label
  const box = document.createElement("div")
  box.className = field.name
  for (const line of field.lines) {
    const paragraph = document.createElement("p")
    for (const sentence of line) paragraph.append(drawnSentence(field.name, sentence, pickable))
    box.append(paragraph)
  }
  return [label, box]
}

function drawnSentence(field, sentence, pickable) {
  const element = document.createElement("span")
  element.className = "sentence"
  Object.assign(element.dataset, { field, start: sentence.start, end: sentence.end })
  if (pickable) {
    element.tabIndex = 0
    element.setAttribute("role", "button")
  }
  for (const piece of sentence.pieces) {
    const words = document.createElement("span")
    words.className = "piece"
    words.dataset.start = piece.start
    words.textContent = piece.text
    if (piece.pins.some((pin) => pin.open)) words.classList.add("pinned")
    else if (piece.pins.length) words.classList.add("settled")
    element.append(words)
    for (const pin of piece.pins) if (pin.last) element.append(numbered(pin))
  }
  return element
}

function numbered(pin) {
  const number = document.createElement("span")
  number.className = pin.open ? "number" : "number done"
  number.textContent = pin.number
  return number
}

function placeOf(sentence) {
  const { field, start, end } = sentence.dataset
  return [field, Number(start), Number(end)]
}

// What is selected inside the text, as a place in one field, or null.
function selection(root) {
  const scope = root.getRootNode()
  const chosen = scope.getSelection ? scope.getSelection() : document.getSelection()
  if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return null
  const range = chosen.getRangeAt(0)
  const first = pointOf(range.startContainer, range.startOffset)
  const last = pointOf(range.endContainer, range.endOffset)
  if (!first || !last || first.field !== last.field || first.at >= last.at) return null
  chosen.removeAllRanges()
  return [first.field, first.at, last.at]
}

function pointOf(node, offset) {
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
  const piece = element.closest?.(".piece")
  if (!piece) return null
  const within = node.nodeType === Node.TEXT_NODE ? charactersBefore(node.data, offset) : 0
  return { field: piece.closest(".sentence").dataset.field, at: Number(piece.dataset.start) + within }
}

// Whole pieces that the choice touches: enough to see what the remark will stand at.
function show(root, field, start, end) {
  for (const piece of root.querySelectorAll(".piece")) {
    const from = Number(piece.dataset.start)
    const to = from + [...piece.textContent].length
    const inField = piece.closest(".sentence").dataset.field === field
    piece.classList.toggle("chosen", inField && from < end && start < to)
  }
}
