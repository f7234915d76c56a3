"use strict";

// What the board says is text: it is only ever put into text nodes and attributes, never into markup.
const STATES = { "not begun": "not begun", begun: "under way", red: "red: a test fails", amber: "amber: an error, or not collected", green: "green", hung: "hung: waits for ever" };
const SVG = "http://www.w3.org/2000/svg";
const at = (id) => document.getElementById(id);
const rows = new Map();
const SHOWN = 240; // minutes
let timer = null;
let told = 0; // when the timer was told, by this page's own steady clock: the clock of the day may be wrong
let rings = null;
let sound = null;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(state, className) {
  const name = state.replace(" ", "-");
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", `${className} ${name}`);
  made.setAttribute("data-state", state);
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `shapes.svg#${name}`);
  made.append(use);
  return made;
}

function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function says(light) {
  const [minute, state, fresh, kata, line] = light;
  const what = [kata, line].filter(Boolean).join(": ");
  return `minute ${minute + 1}: ${STATES[state]}${fresh ? "" : ", no run"}${what ? ` — ${what}` : ""}`;
}

function lightOf(light) {
  const made = shape(light[1], `light${light[2] ? "" : " old"}${light[0] % 10 ? "" : " tenth"}`);
  const title = document.createElementNS(SVG, "title");
  title.textContent = says(light);
  made.append(title);
  return made;
}

function lineOf(id) {
  const line = element("div", "lights");
  line.tabIndex = 0;
  line.setAttribute("role", "group");
  const last = () => rows.get(id).pair.lights.length - 1;
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -9999, End: 9999 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(id, Math.min(last(), Math.max(0, (rows.get(id).chosen ?? last()) + step)));
  });
  line.addEventListener("focus", () => choose(id, rows.get(id).chosen ?? last()));
  line.addEventListener("blur", () => choose(id, null));
  return line;
}

// The board tells only the lights that have changed; what was known before stays, with its nodes.
function relight(row, lights) {
  const line = row.lights;
  if (!lights.length) return;
  const atEnd = line.scrollLeft + line.clientWidth >= line.scrollWidth - 20;
  const kept = row.pair.lights.filter((light) => light[0] < lights[0][0]);
  while (line.children.length > kept.length) line.lastChild.remove();
  line.append(...lights.map(lightOf));
  row.pair.lights = [...kept, ...lights];
  while (row.pair.lights.length > SHOWN) {
    row.pair.lights.shift();
    line.firstChild.remove();
    if (row.chosen) row.chosen -= 1;
  }
  if (row.chosen !== null && line.children[row.chosen]) line.children[row.chosen].classList.add("here");
  if (atEnd || row.chosen === null) line.scrollLeft = line.scrollWidth;
}

// A minute in which nothing was told looks like the one before it.
function extend(row, until) {
  const last = row.pair.lights.at(-1);
  if (!last) return;
  const missing = [];
  for (let each = last[0] + 1; each <= until; each += 1) missing.push([each, last[1], 0, "", ""]);
  relight(row, missing);
}

function choose(id, index) {
  const row = rows.get(id);
  row.chosen = index;
  row.node.querySelectorAll(".here").forEach((each) => each.classList.remove("here"));
  if (index === null || !row.pair.lights[index]) return;
  const light = row.lights.children[index];
  light.classList.add("here");
  light.scrollIntoView({ block: "nearest", inline: "nearest" });
  at("detail").textContent = `${row.pair.name}, ${says(row.pair.lights[index])}`;
}

function who(pair) {
  const made = element("div", "who");
  made.append(element("b", "", pair.name));
  const what = pair.kata ? pair.kata + (pair.task ? `, task ${pair.task}` : pair.state === "green" ? ", done" : "") : "no run yet";
  const doing = element("span", "doing", pair.running ? `${what} — runs` : what);
  const tasks = element("span", "tasks");
  for (const [task, state] of Object.entries(pair.tasks)) {
    const made = shape(state, "task");
    const title = document.createElementNS(SVG, "title");
    title.textContent = `task ${task}: ${STATES[state]}`;
    made.append(title);
    tasks.append(made);
  }
  doing.append(tasks);
  made.append(doing);
  return made;
}

function side(pair) {
  const made = element("div", "side");
  if (pair.driver) made.append(element("span", "driver", pair.next === pair.driver ? `drives: ${pair.driver}` : `drives: ${pair.driver}, then ${pair.next}`));
  if (pair.prediction) made.append(element("span", "guess", `predicts: ${pair.prediction}`));
  if (pair.guesses) made.append(element("span", "score", `${pair.points} ${pair.points === 1 ? "point" : "points"} in ${pair.guesses}${pair.last === null ? "" : `, last ${pair.last}`}`));
  return made;
}

function newRow(pair) {
  const row = { pair: { ...pair, lights: [] }, node: element("li"), lights: lineOf(pair.id), chosen: null };
  row.node.dataset.pair = pair.id;
  rows.set(pair.id, row);
  at("pairs").append(row.node);
  return row;
}

function draw(pair) {
  const row = rows.get(pair.id) || newRow(pair);
  const { node } = row;
  node.className = `pair is-${pair.state.replace(" ", "-")}${pair.running ? " running" : ""}`;
  node.dataset.state = pair.state;
  const now = shape(pair.state, "now");
  now.setAttribute("aria-hidden", "false");
  now.setAttribute("role", "img");
  now.setAttribute("aria-label", STATES[pair.state]);
  row.lights.setAttribute("aria-label", `Lights of ${pair.name}, minute by minute; ${STATES[pair.state]} now`);
  const before = row.pair.lights;
  row.pair = { ...pair, lights: before };
  for (const each of [...node.children]) if (each !== row.lights) each.remove();
  if (!row.lights.isConnected) node.append(row.lights); // once: what is moved loses the focus
  row.lights.before(now, who(pair));
  row.lights.after(side(pair), element("p", "said", pair.line));
  if (pair.lights.length) extend(row, pair.lights[0][0] - 1);
  relight(row, pair.lights);
}

function sum() {
  const counts = {};
  for (const { pair } of rows.values()) counts[pair.state] = (counts[pair.state] || 0) + 1;
  const parts = Object.keys(STATES).filter((state) => counts[state]).map((state) => `${counts[state]} ${state}`);
  at("sum").textContent = rows.size ? `${rows.size} ${rows.size === 1 ? "pair" : "pairs"}: ${parts.join(", ")}` : "";
  at("nobody").hidden = rows.size > 0;
  at("more").hidden = rows.size === 0;
}

function take(pairs) {
  pairs.forEach(draw);
  sum();
}

// After a connection was lost it may be another session that answers.
function keep(ids) {
  const known = new Set(ids);
  for (const [id, row] of rows) {
    if (known.has(id)) continue;
    row.node.remove();
    rows.delete(id);
  }
  sum();
}

function setTimer(found) {
  timer = found;
  told = performance.now();
  at("rotation").classList.toggle("going", found.going);
  at("go").textContent = found.going ? "Pause" : "Start";
  if (document.activeElement !== at("minutes")) at("minutes").value = String(found.length / 60);
  if (rings !== null && found.rings > rings) ring();
  rings = found.rings;
  tick();
}

function tick() {
  if (!timer) return;
  const left = timer.going ? timer.left - (performance.now() - told) / 1000 : timer.left;
  at("clock").textContent = clock(left);
}

function ring() {
  const names = [...rows.values()].map(({ pair }) => pair.driver).filter(Boolean);
  at("ring").textContent = `Change over. Now at the keyboard: ${names.join(", ") || "the next driver"}.`;
  at("ring").hidden = false;
  at("ring").dataset.rings = String(Number(at("ring").dataset.rings || 0) + 1);
  if (sound) [0, 0.25, 0.5].forEach(beep);
}

function beep(after) {
  const tone = sound.createOscillator();
  const loud = sound.createGain();
  const begin = sound.currentTime + after;
  tone.frequency.value = 660 + 220 * (after > 0.3);
  loud.gain.setValueAtTime(0.25, begin);
  loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.22);
  tone.connect(loud).connect(sound.destination);
  tone.start(begin);
  tone.stop(begin + 0.24);
  at("sound").dataset.beeps = String(Number(at("sound").dataset.beeps || 0) + 1);
}

async function rotate(message) {
  const answer = await fetch("rotation", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(message) });
  if (answer.ok) setTimer(await answer.json());
}

at("go").addEventListener("click", () => rotate({ do: timer && timer.going ? "pause" : "start" }));
at("skip").addEventListener("click", () => rotate({ do: "skip" }));
at("minutes").addEventListener("change", () => {
  const minutes = Number(at("minutes").value);
  if (minutes >= 0.1 && minutes <= 120) rotate({ do: "minutes", minutes });
});
at("sound").addEventListener("click", () => {
  if (sound) { sound.close(); sound = null; }
  else { sound = new AudioContext(); beep(0); }
  at("sound").setAttribute("aria-pressed", String(Boolean(sound)));
  at("sound").textContent = sound ? "Sound on" : "Sound off";
});

for (const [state, text] of Object.entries(STATES)) {
  const item = element("li");
  item.append(shape(state, "legend"), document.createTextNode(text));
  at("legend").append(item);
}
const address = new URL(".", location.href).href.replace(/\/$/, "");
document.querySelectorAll(".join").forEach((each) => { each.textContent = `katas join ${address} --name ann-and-bob`; });

const events = new EventSource("events");
events.addEventListener("known", (event) => keep(JSON.parse(event.data)));
events.addEventListener("minute", (event) => {
  for (const row of rows.values()) extend(row, JSON.parse(event.data));
});
events.addEventListener("timer", (event) => setTimer(JSON.parse(event.data)));
events.addEventListener("pairs", (event) => take(JSON.parse(event.data)));
events.addEventListener("open", () => { at("lost").hidden = true; });
events.addEventListener("error", () => { at("lost").hidden = false; });
setInterval(tick, 250);
