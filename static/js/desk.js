// The staff's pages. What a template may use (each module's head says more):
//   data-shortcut="c" | "g q" | "Ctrl+Enter"   a key for a control            shortcuts.js
//   data-nav > data-nav-item                   j, k, x and Shift+x in lists   shortcuts.js
//   data-command="Name"                        lists a control in the palette cmd-palette.js
//   data-pane-tab="list|work|context"          panes of a narrow desk         shortcuts.js
//   <cmd-palette data-url>  <reply-picker data-url>  <draft-box data-url>  <file-drop data-upload-url>  <sla-clock data-due>
//   the queue and the workspace: workspace.js; live conversations: desk-chat.js
//   data-copy, data-opens, data-closes, data-toast, and the HX-Trigger header {"toast": {"text", "undo", "seconds"}}   page.js
import "./page.js";
import "./shortcuts.js";
import "./cmd-palette.js";
import "./reply-picker.js";
import "./draft-box.js";
import "./file-drop.js";
import "./sla-clock.js";
import "./loading.js";
import "./workspace.js";
import "./live.js";
import "./draft-elsewhere.js";
import "./desk-chat.js";
