"use strict";

// Texts of the session only ever go into text nodes, never into markup.
const COLOURS = 8;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Scrolls inside a pane, and only there: the page stays where it is.
function reveal(pane, row) {
  const [outer, inner] = [pane.getBoundingClientRect(), row.getBoundingClientRect()];
  const top = outer.top + (pane.querySelector(".heads")?.offsetHeight ?? 0);
  if (inner.top < top + 8) pane.scrollTop -= top + 40 - inner.top;
  else if (inner.bottom > outer.bottom - 8) pane.scrollTop += inner.bottom - outer.bottom + 40;
}

class Stepper {
  constructor(section) {
    this.data = JSON.parse(section.querySelector("script").textContent);
    this.section = section;
    this.list = section.querySelector(".steps");
    this.rows = [...section.querySelectorAll(".step")];
    this.count = section.querySelector(".count");
    this.now = section.querySelector(".now");
    this.standing = section.querySelector(".standing");
    this.sources = [...section.querySelectorAll(".source")];
    this.bar = section.querySelector(".bar");
    for (const each of [this.bar, this.now, this.standing]) each.hidden = false;
    section.classList.add("live");
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.go(button.dataset.go);
    });
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest(".step");
      if (row) this.show(this.rows.indexOf(row));
    });
    this.show(0);
  }

  go(where) {
    const to = { first: 0, back: this.at - 1, on: this.at + 1, last: this.rows.length - 1 }[where];
    this.show(Math.min(this.rows.length - 1, Math.max(0, to)));
  }

  show(number) {
    this.rows[this.at ?? number].setAttribute("aria-selected", "false");
    this.at = number;
    const row = this.rows[number];
    row.setAttribute("aria-selected", "true");
    this.list.setAttribute("aria-activedescendant", row.id);
    reveal(this.list, row);
    this.count.textContent = `step ${number + 1} of ${this.rows.length}`;
    for (const button of this.bar.querySelectorAll("button")) {
      const ends = ["first", "back"].includes(button.dataset.go) ? number === 0 : number === this.rows.length - 1;
      button.setAttribute("aria-disabled", String(ends));
    }
    const step = this.data.steps[number];
    this.tell(step);
    this.stand(step);
    this.mark(step);
  }

  tell(step) {
    const name = element("b", `name c${step.task % COLOURS}`, this.data.lanes[step.task]);
    const parts = [name, ` ${step.what}`];
    if (step.value) parts.push(element("span", "value", ` = ${step.value}`));
    if (step.file) parts.push(element("small", "", ` at ${step.file}:${step.line}${step.function ? ` in ${step.function}` : ""}`));
    this.now.replaceChildren(...parts);
  }

  stand(step) {
    const named = (who) => (typeof who === "number" ? this.data.lanes[who] : who);
    const found = [];
    for (const [title, pairs] of [["holds", step.holds], ["waits for", step.waits]]) {
      for (const [who, thing] of pairs) {
        const colour = typeof who === "number" ? ` c${who % COLOURS}` : "";
        const line = element("dd", "");
        line.append(element("b", `name${colour}`, named(who)), ` ${title} `, element("span", "thing", thing));
        found.push(line);
      }
    }
    if (!found.length) found.push(element("dd", "nobody", "Nobody holds anything, nobody waits."));
    this.standing.replaceChildren(element("dt", "", "After this step"), ...found);
  }

  mark(step) {
    for (const each of this.section.querySelectorAll(".line.here")) {
      each.classList.remove("here");
      each.removeAttribute("aria-current");
    }
    if (!step.file) return;
    for (const source of this.sources) {
      source.hidden = source.dataset.file !== step.file;
      const line = source.hidden ? null : source.querySelector(`[data-line="${step.line}"]`);
      if (!line) continue;
      line.classList.add("here");
      line.setAttribute("aria-current", "step");
      reveal(source.querySelector("pre"), line);
    }
  }
}

async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    // A page that came over plain http has no clipboard; what is selected can be copied there.
    const all = document.createRange();
    all.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(all);
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const place = button.parentElement;
    const done = await copy(place.querySelector("code"));
    place.querySelector(".copied").textContent = done ? "copied" : "select it and copy it by hand";
  });
}

const steppers = new Map([...document.querySelectorAll(".stepper")].map((section) => [section, new Stepper(section)]));
let last = [...steppers.values()][0];
for (const [section, stepper] of steppers) {
  for (const kind of ["focusin", "click"]) section.addEventListener(kind, () => (last = stepper));
}

const KEYS = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };
const LIST_KEYS = { ...KEYS, ArrowUp: "back", ArrowDown: "on" };

document.addEventListener("keydown", (event) => {
  if (!last || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("pre")) return;
  const where = (event.target.closest(".steps") ? LIST_KEYS : KEYS)[event.key];
  if (!where) return;
  event.preventDefault();
  last.go(where);
});
