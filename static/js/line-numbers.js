// A text with line numbers beside it: they follow what is typed, and a link to a line puts the cursor there.
const numbersOf = (text) => text.closest("[data-line-numbers]").firstElementChild;

function renumber(text) {
  const count = text.value.split("\n").length, numbers = numbersOf(text);
  while (numbers.childElementCount > count) numbers.lastElementChild.remove();
  while (numbers.childElementCount < count) {
    const span = document.createElement("span");
    span.textContent = numbers.childElementCount + 1;
    span.id = `line-${span.textContent}`;
    numbers.append(span);
  }
  text.rows = count;
}

document.addEventListener("input", (event) => event.target.matches("[data-line-numbers] textarea") && renumber(event.target));
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]"), text = document.querySelector("[data-line-numbers] textarea");
  if (!link || !text) return;
  const lines = text.value.split("\n"), number = Number(link.dataset.line), start = lines.slice(0, number - 1).join("\n").length + (number > 1);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
});
