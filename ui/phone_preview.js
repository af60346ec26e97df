const KEEPS_EVERYTHING_OUT = "" // no scripts, no forms, no origin, no way to the page around it

export default function ({ data, parentElement }) {
  let frame = parentElement.querySelector("iframe")
  if (!frame) {
    const phone = document.createElement("div")
    phone.className = "phone"
    frame = document.createElement("iframe")
    frame.setAttribute("sandbox", KEEPS_EVERYTHING_OUT)
    frame.setAttribute("referrerpolicy", "no-referrer")
    phone.append(frame)
    parentElement.append(phone)
  }
  frame.title = data.label
  frame.style.setProperty("--height", `${data.height}px`)
  // Setting the same document again would scroll the reader back to the top.
  if (frame.srcdoc !== data.document) frame.srcdoc = data.document
}
