// The stock admin in the theme of the desk: the cookie says light, dark or auto, and the header's switch moves on to the next.
// Loaded in the head without defer, so the page is never drawn in the wrong colours first.
(() => {
  const THEMES = ["auto", "light", "dark"];
  const root = document.documentElement;
  const kept = /(?:^|; )theme=(\w+)/.exec(document.cookie)?.[1];
  root.dataset.theme = THEMES.includes(kept) ? kept : "auto";
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme-toggle")) return;
    root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  });
})();
