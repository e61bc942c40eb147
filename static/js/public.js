// The customer's pages. Everything here is an addition: each page works without it.
import "./page.js";
import "./sla-clock.js";
import "./draft-box.js";
import "./file-drop.js";
import "./live.js";
