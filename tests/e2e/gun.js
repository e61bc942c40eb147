// A scanner that types while an input method is active: the browser says "Process" for every key, only its place tells what it is.
({ codes, ending = "Enter" }) => {
  const place = (sign) => (/[A-Z]/.test(sign) ? `Key${sign}` : /\d/.test(sign) ? `Digit${sign}` : { "-": "Minus", "/": "Slash" }[sign]);
  const type = (code, shiftKey = false) =>
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keydown", { code, shiftKey, key: "Process", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }),
    );
  for (const code of codes) {
    for (const sign of code) type(place(sign), /[A-Z]/.test(sign));
    type(ending);
  }
}
