() => {
  // What people wrote or named: marked by its own language or direction, or a place of the demo shop's names and numbers.
  const DATA = "[lang]:not(:root), [dir=auto], .option__meta, code, kbd, script, style, noscript, textarea, [hidden]";
  const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.nodeValue.trim();
    if (text && !walker.currentNode.parentElement.closest(DATA)) texts.push(text);
  }
  for (const node of document.querySelectorAll(ATTRIBUTES.map((name) => `[${name}]`).join(", "))) {
    if (node.closest(DATA)) continue;
    for (const name of ATTRIBUTES) if (node.hasAttribute(name)) texts.push(node.getAttribute(name));
  }
  return texts;
}
