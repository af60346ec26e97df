// Copies an article so that WeChat's editor takes it over with its layout. Two ways: the clipboard of a secure page,
// and where the school serves plain http (no clipboard there), the copy event itself.

const SHOWN_FOR = 15_000 // milliseconds, as long as what the editor says

function copyByEvent(parts) {
  const give = (event) => {
    for (const [type, content] of Object.entries(parts)) event.clipboardData.setData(type, content)
    event.preventDefault()
  }
  document.addEventListener("copy", give, { once: true, capture: true })
  const done = document.execCommand("copy")
  document.removeEventListener("copy", give, { capture: true })
  return done
}

async function copy(parts) {
  if (window.isSecureContext && navigator.clipboard && window.ClipboardItem) {
    const blobs = Object.entries(parts).map(([type, content]) => [type, new Blob([content], { type })])
    try {
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))])
      return true
    } catch {
      return copyByEvent(parts)
    }
  }
  return copyByEvent(parts)
}

// Pictures are shown from our own store; elsewhere only their whole address means anything.
function withWholeAddresses(html) {
  return html.replaceAll('src="/', `src="${window.location.origin}/`)
}

export default function ({ data, parentElement }) {
  parentElement.querySelector(".copies")?.remove()
  const row = document.createElement("div")
  row.className = "copies"
  const said = document.createElement("p")
  said.className = "said"
  said.setAttribute("role", "status")
  for (const { label, text, html, main } of data.items) {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = label
    if (main) button.className = "main"
    button.onclick = async () => {
      const parts = html ? { "text/html": withWholeAddresses(html), "text/plain": text } : { "text/plain": text }
      said.textContent = (await copy(parts)) ? data.done.replace("{label}", label) : data.failed
      clearTimeout(row.timer)
      row.timer = setTimeout(() => (said.textContent = ""), SHOWN_FOR)
    }
    row.append(button)
  }
  row.append(said)
  parentElement.append(row)
}
