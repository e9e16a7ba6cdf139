// What WebGL draws isn't printed: a still picture of each 1-skeleton stands in for it on paper.
for (const plot of document.querySelectorAll(".js-plotly-plot")) {
  if (!plot.querySelector("canvas")) continue;
  const still = document.createElement("img");
  still.className = "still";
  still.alt = "";
  plot.parentElement.append(still);
  plot.parentElement.classList.add("spatial");
  const take = async () => {
    const { width, height } = plot.getBoundingClientRect();
    still.src = await Plotly.toImage(plot, { format: "png", width, height, scale: 2 });
  };
  plot.on("plotly_relayout", take); // it was turned
  take();
}
