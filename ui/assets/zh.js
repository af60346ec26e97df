// Streamlit speaks English in a few places and offers no translation. This exchanges what it says there, in text,
// placeholders and labels; whatever is not in the list is left alone, so a new release can only bring English back.
(() => {
  const exact = {
    "Add an option": "添加一项",
    "All selected options have been cleared.": "已全部清除",
    "App pages": "页面",
    "Choose an option": "请选择",
    "Choose date": "选择日期",
    "Choose date and time": "选择日期和时间",
    "Choose date range": "选择起止日期",
    "Choose options": "请选择",
    "Clear": "清除",
    "Clear all": "全部清除",
    "Clear date": "清除日期",
    "Clear dates": "清除日期",
    "Clear selection": "取消选择",
    "Clear value": "清除",
    "Close": "关闭",
    "Close fullscreen": "退出全屏",
    "Collapse sidebar": "收起菜单",
    "Connecting": "正在连接…",
    "Connection error": "连接中断",
    "Connection lost. Please wait for the app to reconnect, then try again.": "连接中断，正在重新连接，请稍后再试。",
    "Copy to clipboard": "复制",
    "Copy version to clipboard": "复制版本号",
    "Download as CSV": "下载 CSV",
    "Download as PNG": "下载图片",
    "Drag and drop files here": "把文件拖到这里",
    "Error uploading file": "文件没有传上来",
    "Exit fullscreen": "退出全屏",
    "Expand sidebar": "打开菜单",
    "File type not allowed.": "不能上传这种文件，请换成页面上写明的格式",
    "Fullscreen": "全屏",
    "Hide column": "隐藏这一列",
    "Hide password": "隐藏密码",
    "Link to heading": "本节链接",
    "Loading...": "正在加载…",
    "Made with Streamlit v": "基于 Streamlit v",
    "Main menu": "菜单",
    "Navigate to home page": "回到首页",
    "Next": "下一步",
    "Next month": "下个月",
    "Next page": "下一页",
    "No options": "没有可选的选项",
    "No options to select": "没有可选的选项",
    "No options to select.": "没有可选的选项",
    "No results": "没有符合的结果",
    "Page not found": "没有这个页面",
    "Previous": "上一步",
    "Previous month": "上个月",
    "Previous page": "上一页",
    "Print": "打印",
    "Record screen": "录制屏幕",
    "Rerun": "刷新",
    "Running...": "处理中…",
    "Search": "查找",
    "Select all": "全选",
    "Settings": "设置",
    "Show password": "显示密码",
    "Show/hide columns": "显示或隐藏列",
    "Sidebar": "侧栏",
    "Skip to main content": "跳到正文",
    "Stop": "停止",
    "Toggle fullscreen": "全屏",
    "Upload": "选择文件",
    "Upload failed": "文件没有传上来",
    "Uploading...": "正在上传…",
    "file upload": "选择文件",
  };
  const patterns = [
    [/^(?:Limit )?(\d+)MB per file$/, (_, size) => `每个文件不超过 ${size} MB`],
    [/^Page (\d+)$/, (_, number) => `第 ${number} 页`],
    [
      /^(\S+) files are not allowed\.?$/,
      (_, kind) =>
        /msword|^\.?doc$|wps/i.test(kind)
          ? "旧版 .doc、.wps 请先用 Word 或 WPS 打开，另存为 .docx 再上传"
          : "不能上传这种文件，请换成页面上写明的格式",
    ],
    [/^File must be (\S+) or smaller\.?$/, (_, size) => `文件不能超过 ${size}，请先压缩图片或分成几个文件`],
    [/^Press (.*)Enter to (?:apply|submit.*)$/, (_, keys) => `按 ${keys}回车键确定`],
    [/^The page that you have requested does not seem to exist.*$/, () => "您要打开的页面不存在，现在显示的是首页。"],
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
    const home = node.parentElement?.closest('[data-testid="stMarkdownContainer"], textarea, [contenteditable]');
    if (home && !home.closest('[data-testid="stFileUploaderDropzone"]')) return;
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
