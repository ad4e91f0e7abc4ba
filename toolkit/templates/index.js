"use strict";
const entries = [...document.querySelectorAll(".found")];
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const texts = entries.map((entry) => fold(`${entry.dataset.words || ""} ${entry.id} ${entry.textContent}`));
const words = document.getElementById("words");
const status = document.getElementById("status");
const show = () => {
  const wanted = fold(words.value).split(/\s+/);
  let hits = 0;
  entries.forEach((entry, at) => {
    const fits = wanted.every((word) => texts[at].includes(word));
    entry.hidden = !fits || Boolean(status.value && entry.dataset.status !== status.value);
    hits += !entry.hidden;
  });
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".found:not([hidden])");
  document.getElementById("hits").textContent = hits === entries.length ? "" : `${hits} of ${entries.length}`;
};
words.addEventListener("input", show);
status.addEventListener("change", show);
document.getElementById("search").hidden = false;
show();
