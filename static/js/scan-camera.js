// The camera as a scanner: the browser's own reader of codes, else the vendored one, fetched on first use. Without a camera, without
// HTTPS or refused: typing, or a photo of the code, which is read here as well.
//   new ScanCamera(dialog, take)   dialog holds <video>, [data-torch] and [data-camera-state]; its dataset names `reader` and `wasm`
//   readPhoto(file, dataset)       the code in a picture, or ""
import { say } from "./dom.js";

const FORMATS = ["code_128", "code_39", "codabar", "ean_13", "itf", "qr_code", "data_matrix"];
const PAUSE = 120;

let makingReader;

function codeReader(places) {
  makingReader ??= makeReader(places).catch((error) => { makingReader = undefined; throw error; });
  return makingReader;
}

async function makeReader({ reader, wasm }) {
  const native = await self.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (native?.includes("code_128") && native.includes("qr_code")) return new BarcodeDetector({ formats: FORMATS.filter((each) => native.includes(each)) });
  await loadScript(reader);
  BarcodeDetectionAPI.prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new BarcodeDetectionAPI.BarcodeDetector({ formats: FORMATS });
}

function loadScript(url) {
  return new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: done, onerror: failed });
    document.head.append(script);
  });
}

export async function readPhoto(file, places) {
  const [reader, picture] = await Promise.all([codeReader(places), createImageBitmap(file)]);
  const found = await reader.detect(picture);
  return found[0]?.rawValue ?? "";
}

export class ScanCamera {
  constructor(dialog, take) {
    this.dialog = dialog;
    this.take = take;
    this.video = dialog.querySelector("video");
    this.torch = dialog.querySelector("[data-torch]");
    this.place = dialog.querySelector("[data-camera-state]");
    dialog.addEventListener("close", () => this.stop());
    this.torch.addEventListener("click", () => this.light());
    document.addEventListener("visibilitychange", () => document.hidden && dialog.open && dialog.close());
  }

  /** Returns whether the camera runs. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) return false;
    try {
      const wanted = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } } };
      this.stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch {
      return false;
    }
    this.dialog.show();
    this.video.srcObject = this.stream;
    await this.video.play();
    this.track = this.stream.getVideoTracks()[0];
    this.torch.hidden = !this.track.getCapabilities?.().torch;
    this.look();
    return true;
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = this.video.srcObject = null;
  }

  async light() {
    const on = this.torch.getAttribute("aria-pressed") !== "true";
    await this.track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => null);
    this.torch.setAttribute("aria-pressed", on);
  }

  async look() {
    try {
      const reader = await codeReader(this.dialog.dataset);
      while (this.stream) {
        const found = this.video.readyState >= 2 ? await reader.detect(this.video) : [];
        if (found[0]?.rawValue && this.stream) this.take(found[0].rawValue);
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    } catch {
      this.place.textContent = say("scan-no-reader");
    }
  }
}
