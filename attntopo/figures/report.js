// Draws the figures with the Plotly that the file brings along, packed.

const unpacked = async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
};

// What WebGL draws isn't printed: a still picture of each 1-skeleton stands in for it on paper.
function keepStill(plot) {
  const still = document.createElement("img");
  still.className = "still";
  still.alt = "";
  plot.after(still);
  plot.parentElement.classList.add("spatial");
  const take = async () => {
    const { width, height } = plot.getBoundingClientRect();
    still.src = await Plotly.toImage(plot, { format: "png", width, height, scale: 2 });
  };
  plot.on("plotly_relayout", take); // it was turned
  return take();
}

async function drawAll(plots) {
  const script = document.createElement("script");
  script.textContent = await unpacked(document.getElementById("packed").textContent);
  document.head.append(script);
  for (const plot of plots) {
    const { data, layout } = JSON.parse(plot.nextElementSibling.textContent);
    await Plotly.newPlot(plot, data, layout, { responsive: true });
    if (plot.querySelector("canvas")) await keepStill(plot);
  }
  document.body.dataset.drawn = "all";
}

const plots = [...document.querySelectorAll(".plot")];
if (globalThis.DecompressionStream) drawAll(plots);
else {
  for (const plot of plots) {
    plot.textContent = "This browser is too old to draw the figure; any from 2023 on can.";
  }
}
