/* Starts textual-serve's terminal once our font is there, and takes from it what customers' words could make act. */
"use strict";

const openWindow = window.open.bind(window);

/* The terminal makes a link of every address in its text. It opens those by a window without an address: refused. What
   the application asks to open, because the person chose it, names its address. */
window.open = (address) => {
  const isElsewhere = /^https?:\/\//i.test(address ?? "") && new URL(address).origin !== window.location.origin;
  return isElsewhere ? openWindow(address, "_blank", "noopener,noreferrer") : null;
};

/* The application may fill the clipboard, never read it. */
if (navigator.clipboard) {
  navigator.clipboard.readText = async () => "";
}

/* Only once it is connected: it tells the application that it is looked at. */
function focusTerminal() {
  if (document.body.classList.contains("-loaded")) {
    document.querySelector(".xterm-helper-textarea").focus();
  }
}

function startTerminal() {
  const terminal = document.querySelector("#terminal");
  terminal.dataset.sessionWebsocketUrl = new URL("session", window.location.href.replace(/^http/, "ws").split("?")[0]).href;
  terminal.classList.add("textual-terminal");
  const script = document.createElement("script");
  script.src = "static/terminal.js";
  script.addEventListener("load", () => window.onload()); /* set by the script, after the page's own load */
  document.head.append(script);
}

/* The terminal tells how it stands by the classes of the body. */
function focusWhatIsOfUse() {
  if (document.body.classList.contains("-closed")) {
    document.querySelector("#again").focus();
  } else {
    focusTerminal();
  }
}

document.querySelector("#again").addEventListener("click", () => window.location.reload());
new MutationObserver(focusWhatIsOfUse).observe(document.body, { attributeFilter: ["class"] });
window.addEventListener("focus", focusWhatIsOfUse);

/* The cells are measured once, so the font must be there before. */
const isLoaded = new Promise((resolve) => window.addEventListener("load", resolve));
const fonts = ["15px", "bold 15px"].map((face) => document.fonts.load(`${face} "Roboto Mono"`));
Promise.all([isLoaded, ...fonts]).then(startTerminal);
