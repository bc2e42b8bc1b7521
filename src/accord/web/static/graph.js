// The surroundings of an object as a picture. The list below it says the same, without a script.
const paint = (name) => {
  const probe = document.createElement("span");
  probe.className = name;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

const look = () => {
  const [ink, quiet, accent, good, wait, bad, sheet] =
    ["graph-ink", "quiet", "graph-accent", "yes", "graph-wait", "no", "graph-sheet"].map(paint);
  const shape = (family, color, form) => ({ selector: `node[family = "${family}"]`, style: { "background-color": color, shape: form } });
  return [
    { selector: "node", style: {
      label: "data(label)", color: ink, "font-size": 11, "text-wrap": "wrap", "text-max-width": 110,
      "text-valign": "bottom", "min-zoomed-font-size": 7, "text-margin-y": 4, width: 22, height: 22,
      "text-background-color": sheet, "text-background-opacity": 0.8, "text-background-padding": 1 } },
    shape("sign", bad, "diamond"), shape("means", wait, "hexagon"), shape("actor", accent, "ellipse"),
    shape("text", good, "round-rectangle"), shape("trace", quiet, "triangle"),
    { selector: "node[!known]", style: { "background-opacity": 0.35 } },
    { selector: "node[?start]", style: { width: 34, height: 34, "border-width": 4, "border-color": ink, "font-weight": "bold" } },
    { selector: "edge", style: {
      label: "data(label)", color: quiet, "font-size": 9, "min-zoomed-font-size": 7, width: 1.2, "line-color": quiet, "curve-style": "bezier",
      "target-arrow-shape": "triangle", "target-arrow-color": quiet, "arrow-scale": 0.8, "text-rotation": "autorotate",
      "text-background-color": sheet, "text-background-opacity": 0.8 } },
    { selector: ":selected", style: { "border-width": 3, "border-color": accent, "line-color": accent } },
  ];
};

const draw = async (card) => {
  card.hidden = false;
  try {
    const answer = await fetch(card.dataset.graph, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const { elements, cut } = await answer.json();
    card.querySelector(".graph-cut").hidden = !cut;
    const graph = cytoscape({ container: card.querySelector(".graph"), elements, style: look(), minZoom: 0.2, maxZoom: 3, layout: { name: "grid" } });
    // The object stands in the middle, what it touches around it, what that touches around all.
    const steps = {};
    const near = graph.elements().bfs({ roots: "node[?start]", visit: (node, edge, from, place, depth) => { steps[node.id()] = depth; } }).path;
    near.layout({
      name: "concentric", concentric: (node) => -steps[node.id()], levelWidth: () => 1, animate: false,
      nodeDimensionsIncludeLabels: true, minNodeSpacing: 8, spacingFactor: 0.8, padding: 16,
    }).run();
    const said = card.querySelector(".graph-said");
    graph.on("tap", "node", (event) => {
      const { id, title, type, known } = event.target.data();
      const line = document.createElement(known ? "a" : "span");
      line.textContent = `${title} · ${type}`;
      if (known) line.href = `/intelligence/objects/${encodeURIComponent(id)}`;
      said.replaceChildren(line);
    });
    graph.on("resize", () => graph.fit(undefined, 24));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.style(look()));
  } catch {
    card.querySelector(".graph-failed").hidden = false;
  }
};

for (const card of document.querySelectorAll("[data-graph]")) draw(card);
