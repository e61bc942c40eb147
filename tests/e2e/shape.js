() => {
  const faults = [];
  for (const [name, wanted] of [["h1", 1], ["main", 1]]) {
    const found = document.querySelectorAll(name).length;
    if (found !== wanted) faults.push(`${found} <${name}>`);
  }
  if (!document.title) faults.push("no title");
  const first = document.querySelector("a[href], button, input:not([type=hidden]), select, textarea");
  if (!first?.getAttribute("href")?.startsWith("#")) faults.push("the skip link is not first");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  return faults;
}
