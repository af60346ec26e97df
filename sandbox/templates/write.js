// The editor is a div; what stands in it travels in a hidden field.
const form = document.querySelector("form")
const editor = document.querySelector("#editor")
editor.focus()
form.addEventListener("submit", () => {
  form.elements.content.value = editor.innerHTML
})
