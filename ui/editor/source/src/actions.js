import { figurePosition, moveFigure } from "./figure.js"

/** Every order the toolbar gives: `run` adds to a command chain; `direct` names one that needs more than that. */
export const ACTIONS = [
  [
    { name: "bold", label: "加粗", keys: "Ctrl+B", run: (chain) => chain.toggleBold(), active: "bold" },
    { name: "italic", title: "斜体", keys: "Ctrl+I", run: (chain) => chain.toggleItalic(), active: "italic" },
    { name: "underline", title: "下划线", keys: "Ctrl+U", run: (chain) => chain.toggleUnderline(), active: "underline" },
  ],
  [
    { name: "bullets", label: "列表", keys: "Ctrl+Shift+8", run: (chain) => chain.toggleBulletList(), active: "bulletList" },
    { name: "numbers", label: "编号", keys: "Ctrl+Shift+7", run: (chain) => chain.toggleOrderedList(), active: "orderedList" },
    { name: "quote", label: "引用", keys: "Ctrl+Shift+B", run: (chain) => chain.toggleBlockquote(), active: "blockquote" },
  ],
  [
    { name: "picture", label: "图片", direct: "choosePictures" },
    { name: "table", label: "表格", run: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }), inserts: true },
    { name: "link", label: "链接", keys: "Ctrl+K", direct: "askForLink", active: "link" },
  ],
  [
    { name: "undo", label: "撤销", keys: "Ctrl+Z", run: (chain) => chain.undo() },
    { name: "redo", label: "重做", keys: "Ctrl+Y", run: (chain) => chain.redo() },
    { name: "clear", label: "清除格式", keys: "Ctrl+\\", run: (chain) => chain.unsetAllMarks().clearNodes() },
  ],
  [
    { name: "strike", title: "删除线", run: (chain) => chain.toggleStrike(), active: "strike" },
    { name: "sup", title: "上标", run: (chain) => chain.toggleSuperscript(), active: "superscript" },
    { name: "sub", title: "下标", run: (chain) => chain.toggleSubscript(), active: "subscript" },
    { name: "rule", title: "分隔线", run: (chain) => chain.setHorizontalRule(), inserts: true },
  ],
]

export const TEXT_STYLES = [
  { value: "paragraph", label: "正文", run: (chain) => chain.setParagraph() },
  { value: "2", label: "大标题", run: (chain) => chain.setHeading({ level: 2 }) },
  { value: "3", label: "中标题", run: (chain) => chain.setHeading({ level: 3 }) },
  { value: "4", label: "小标题", run: (chain) => chain.setHeading({ level: 4 }) },
]

const TABLE_ACTIONS = [
  { label: "下方加行", run: (chain) => chain.addRowAfter() },
  { label: "右侧加列", run: (chain) => chain.addColumnAfter() },
  { label: "删除行", run: (chain) => chain.deleteRow() },
  { label: "删除列", run: (chain) => chain.deleteColumn() },
  { label: "合并单元格", run: (chain) => chain.mergeCells() },
  { label: "拆分单元格", run: (chain) => chain.splitCell() },
  { label: "标题行", run: (chain) => chain.toggleHeaderRow() },
  { label: "删除表格", run: (chain) => chain.deleteTable() },
]

const LIST_ACTIONS = [
  { label: "增加缩进", run: (chain) => chain.sinkListItem("listItem") },
  { label: "减少缩进", run: (chain) => chain.liftListItem("listItem") },
]

const FIGURE_ACTIONS = [
  { label: "上移图片", direct: "raiseFigure" },
  { label: "下移图片", direct: "lowerFigure" },
  { label: "替代文字", direct: "askForAlt" },
  { label: "删除图片", direct: "deleteFigure" },
]

/** What can be done only where the cursor now stands. */
export function actionsHere(editor) {
  if (figurePosition(editor) !== null) return { label: "图片操作", actions: FIGURE_ACTIONS }
  if (editor.isActive("listItem")) return { label: "列表操作", actions: LIST_ACTIONS }
  if (editor.isActive("table")) return { label: "表格操作", actions: TABLE_ACTIONS }
  return { label: "", actions: [] }
}

export const DIRECT = {
  raiseFigure: (editor) => moveFigure(editor, -1),
  lowerFigure: (editor) => moveFigure(editor, 1),
  deleteFigure(editor) {
    const position = figurePosition(editor)
    editor.chain().focus().setNodeSelection(position).deleteSelection().run()
  },
}
