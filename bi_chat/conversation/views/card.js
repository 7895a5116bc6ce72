(function (id) {
  // Draws a card's chart in the colours of the reader's screen, and again when these change or the page is printed.
  var card = document.getElementById(id);
  var place = card && card.querySelector(".chart");
  if (!place) return;
  var figures = JSON.parse(card.querySelector("script[type='application/json']").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var theme = card.getAttribute("data-theme");
  function draw(printing) {
    var wanted = printing ? "light" : theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    var figure = figures[wanted] || figures.light || figures.dark;
    window.Plotly.react(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  }
  function start(tries) {
    if (window.Plotly) {
      draw(false);
      if (theme === "auto") {
        dark.addEventListener("change", function () { draw(false); });
        window.addEventListener("beforeprint", function () { draw(true); });
        window.addEventListener("afterprint", function () { draw(false); });
      }
    } else if (tries > 0) {
      setTimeout(function () { start(tries - 1); }, 100);
    } else {
      place.style.display = "none";
      card.querySelectorAll("details.rows").forEach(function (d) { d.open = true; });
    }
  }
  start(50);
})
