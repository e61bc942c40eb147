// Pages of a return. Everything here is an addition: steppers, a sum that follows, a barcode read by the camera where the browser can,
// printing. Without it the same fields are typed, the sum is counted by the server, and the browser's own command prints.
//   data-goods="[fen, …]"   what each free piece brings; its input says how many   data-estimate, data-total, data-sums   the sum
//   data-scan-photo         a photo of a label; what is read goes into the form's waybill field   data-print   prints the page

const DIGITS = { JPY: 0, KRW: 0, VND: 0, BHD: 3, KWD: 3 };

function price(fen, currency) {
  const digits = DIGITS[currency] ?? 2;
  const whole = Math.floor(fen / 10 ** digits).toLocaleString("en-US");
  const rest = digits ? `.${String(fen % 10 ** digits).padStart(digits, "0")}` : "";
  return `${currency === "CNY" ? "¥" : `${currency}\u00a0`}${whole}${rest}`;
}

const rows = [...document.querySelectorAll("[data-goods]")];
const box = document.querySelector("[data-estimate]");

function quantity(row) {
  const field = row.querySelector("input");
  const most = JSON.parse(row.dataset.goods).length;
  return field ? Math.min(Math.max(Math.trunc(Number(field.value)) || 0, 0), most) : 0;
}

function recount() {
  let total = 0;
  const lines = [];
  for (const row of rows) {
    const count = quantity(row);
    const fen = JSON.parse(row.dataset.goods).slice(0, count).reduce((sum, each) => sum + each, 0);
    total += fen;
    for (const button of row.querySelectorAll("[data-step]")) {
      const next = count + Number(button.dataset.step);
      button.disabled = next < 0 || next > JSON.parse(row.dataset.goods).length;
    }
    if (count) lines.push([`${row.querySelector("label").textContent} × ${count}`, price(fen, box.dataset.currency)]);
  }
  box.querySelector("[data-total]").textContent = price(total, box.dataset.currency);
  box.querySelector("[data-sums]").replaceChildren(...lines.map(([title, words]) => {
    const line = document.createElement("div");
    for (const [tag, text] of [["dt", title], ["dd", words]]) line.append(Object.assign(document.createElement(tag), { textContent: text }));
    return line;
  }));
  const offer = document.querySelector(".offer:has(> .card > :checked)") ?? document.querySelector("[name=kind]:checked")?.closest(".offer");
  const isPaid = offer?.dataset.paid !== "no";
  box.querySelector("[data-money]").hidden = !isPaid;
  box.querySelector("[data-in-kind]").hidden = isPaid;
}

if (box) {
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-step]");
    if (!button) return;
    const row = button.closest("[data-goods]");
    const field = row.querySelector("input");
    field.value = Math.max(0, quantity(row) + Number(button.dataset.step));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("input", (event) => event.target.closest("[data-goods], .offers") && recount());
  recount();
}

for (const scan of document.querySelectorAll("[data-scan]")) {
  if (!self.BarcodeDetector) break; // typed by hand
  scan.hidden = false;
  scan.querySelector("[data-scan-photo]").addEventListener("change", async ({ target }) => {
    const field = scan.closest("form").querySelector("[name=waybill]");
    const words = scan.querySelector("[data-scan-words]");
    const codes = await read(target.files[0]);
    target.value = "";
    words.textContent = codes.length ? "" : words.dataset.failed;
    if (codes.length) field.value = codes[0];
    field.focus();
  });
}

/** The bar codes on a photo, the longest first: a waybill is longer than what else stands on a label. */
async function read(file) {
  try {
    const found = await new BarcodeDetector().detect(await createImageBitmap(file));
    return found.map((each) => each.rawValue).sort((one, other) => other.length - one.length);
  } catch {
    return [];
  }
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
