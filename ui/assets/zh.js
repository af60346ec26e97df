// Streamlit speaks English in a few places and offers no translation. This exchanges what it says there, in text,
// placeholders and labels; whatever is not in the list is left alone, so a new release can only bring English back.
(() => {
  const exact = {
    "Upload": "选择文件",
    "Browse files": "选择文件",
    "Drag and drop file here": "把文件拖到这里",
    "Drag and drop files here": "把文件拖到这里",
    "Choose an option": "请选择",
    "Choose options": "请选择",
    "Choose an option(s)": "请选择",
    "Select all": "全选",
    "No results": "没有符合的选项",
    "No options to select.": "没有可选的选项",
    "Page not found": "没有这个页面",
    "You have requested page": "您要打开的页面是",
    "Running...": "处理中…",
    "Stop": "停止",
    "Rerun": "刷新",
    "Settings": "设置",
    "Print": "打印",
    "About": "关于",
    "Connecting": "正在连接…",
    "CONNECTING": "正在连接…",
    "Connection error": "连接中断",
    "Show password text": "显示密码",
    "Hide password text": "隐藏密码",
    "Press Enter to submit form": "按回车键提交",
    "Press Enter to apply": "按回车键确定",
    "Press Ctrl+Enter to apply": "按 Ctrl+回车键确定",
    "Clear all": "全部清除",
    "Clear value": "清除",
    "Close": "关闭",
    "Open sidebar": "打开菜单",
    "Close sidebar": "收起菜单",
    "Download as CSV": "下载 CSV",
    "Show/hide columns": "显示或隐藏列",
    "Search": "查找",
    "Fullscreen": "全屏",
    "Close fullscreen": "退出全屏",
    "Remove": "移除",
    "empty": "暂无内容",
    "Previous page": "上一页",
    "Next page": "下一页",
  };
  const patterns = [
    [/^(\d+)MB per file(?: • (.*))?$/, (_, size, kinds) => `单个文件不超过 ${size} MB${kinds ? "，" + kinds : ""}`],
    [/^Limit (\d+)MB per file(?: • (.*))?$/, (_, size, kinds) => `单个文件不超过 ${size} MB${kinds ? "，" + kinds : ""}`],
    [/^Page (\d+)$/, (_, number) => `第 ${number} 页`],
    [/^(.*) files are not allowed\.$/, (_, kind) => `不能上传 ${kind} 文件`],
    [/^File must be (.*) or smaller\.$/, (_, size) => `文件不能超过 ${size}`],
  ];
  const attributes = ["placeholder", "title", "aria-label"];

  const translated = (text) => {
    const plain = text.trim();
    if (Object.hasOwn(exact, plain)) return exact[plain];
    for (const [pattern, phrase] of patterns) {
      if (pattern.test(plain)) return plain.replace(pattern, phrase);
    }
    return null;
  };

  const translateText = (node) => {
    // What people wrote is not Streamlit's to translate: their words stand in markdown and in fields.
    if (node.parentElement?.closest('[data-testid="stMarkdownContainer"], textarea, [contenteditable]')) return;
    const phrase = translated(node.data);
    if (phrase !== null && phrase !== node.data) node.data = phrase;
  };

  const translateElement = (element) => {
    for (const name of attributes) {
      const phrase = element.hasAttribute(name) ? translated(element.getAttribute(name)) : null;
      if (phrase !== null) element.setAttribute(name, phrase);
    }
  };

  const translate = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return translateText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    translateElement(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      node.nodeType === Node.TEXT_NODE ? translateText(node) : translateElement(node);
    }
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else if (change.type === "characterData") translateText(change.target);
      else translateElement(change.target);
    }
  }).observe(document.documentElement, {
    childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: attributes,
  });
})();
