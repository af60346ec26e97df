import { Surface } from "./surface.js"

const surfaces = new WeakMap()

/** Streamlit calls this at the first drawing and again whenever `data` changes; the last clean-up runs at the end. */
export default function ({ data, parentElement, setStateValue }) {
  let surface = surfaces.get(parentElement)
  if (!surface) {
    surface = new Surface(parentElement, data, setStateValue)
    surfaces.set(parentElement, surface)
  } else surface.receive(data, setStateValue)
  return () => {
    surfaces.delete(parentElement)
    surface.leave()
  }
}
