// The days of a calendar and a drawer beside them. It tells the server what was picked; what follows is decided there.

const ITEM = "application/x-weishentai-item" // only what was dragged from here is taken

export default function ({ data, parentElement, setTriggerValue }) {
  const pick = (day, item) => setTriggerValue("picked", { day, item })
  const root = document.createElement("div")
  root.className = `schedule ${data.mode}`
  if (data.drawer) root.append(drawer(data, pick))
  root.append(heads(data.heads), grid(data, pick))
  parentElement.querySelector(".schedule")?.remove()
  parentElement.append(root)
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function drawer(data, pick) {
  const box = element("div", "drawer")
  box.append(element("span", "hint", data.drawer.length ? data.words.drawer : data.words.empty))
  for (const item of data.drawer) {
    const chip = element("button", `chip undated${item.chosen ? " chosen" : ""}`, item.title)
    chip.type = "button"
    chip.title = item.hint
    chip.setAttribute("aria-pressed", String(item.chosen))
    chip.dataset.item = item.id
    chip.addEventListener("click", () => pick(null, item.id))
    draggable(chip, item.id)
    box.append(chip)
  }
  return box
}

function draggable(node, id) {
  node.draggable = true
  node.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData(ITEM, String(id))
    event.dataTransfer.effectAllowed = "move"
  })
}

function heads(names) {
  const row = element("div", "heads")
  for (const name of names) row.append(element("span", "", name))
  return row
}

function grid(data, pick) {
  const box = element("div", "days")
  for (const day of data.days) box.append(cell(day, data, pick))
  return box
}

function cell(day, data, pick) {
  const names = ["inside", "today", "off", "chosen", "past"].filter((name) => day[name])
  const box = element("div", ["day", ...names].join(" "))
  box.dataset.day = day.day
  box.tabIndex = 0
  box.setAttribute("role", "button")
  box.setAttribute("aria-label", day.label)
  const top = element("div", "top")
  top.append(element("span", "number", day.number))
  if (day.notes.length) {
    const note = element("span", "note", day.notes.join("、"))
    note.title = note.textContent
    top.append(note)
  }
  box.append(top)
  for (const entry of day.entries) box.append(line(entry, day, data, pick))
  if (day.more) box.append(element("span", "more", day.more))
  box.addEventListener("click", () => pick(day.day, null))
  box.addEventListener("keydown", (event) => {
    if (event.target === box && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault()
      pick(day.day, null)
    }
  })
  if (data.drawer) takesDrops(box, day, pick)
  return box
}

function line(entry, day, data, pick) {
  const chip = element("button", `chip ${entry.state}${entry.chosen ? " chosen" : ""}`)
  chip.type = "button"
  chip.title = `${entry.time} ${entry.title}（${entry.label}）`
  chip.append(element("span", "time", entry.time), element("span", "title", entry.title))
  chip.addEventListener("click", (event) => {
    event.stopPropagation()
    pick(day.day, entry.movable ? entry.id : null)
  })
  if (data.drawer && entry.movable) draggable(chip, entry.id)
  return chip
}

function takesDrops(box, day, pick) {
  box.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes(ITEM) || day.past) return
    event.preventDefault()
    box.classList.add("over")
  })
  box.addEventListener("dragleave", () => box.classList.remove("over"))
  box.addEventListener("drop", (event) => {
    event.preventDefault()
    box.classList.remove("over")
    pick(day.day, Number(event.dataTransfer.getData(ITEM)))
  })
}
