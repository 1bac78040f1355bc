// Beside the console and not part of it: it speaks when the console itself does not come.
(function () {
  function say() {
    var root = document.getElementById("splash");
    if (!root || root.getAttribute("data-failed")) return;
    root.setAttribute("data-failed", "true");
    root.innerHTML =
      '<p role="alert"><strong>Kontor could not be loaded.</strong> Either the network is away, ' +
      "or there is a newer version of the console.</p>" +
      '<p><a href="">Load again</a></p>';
  }
  window.addEventListener(
    "error",
    function (event) {
      var target = event.target;
      // Only files, and only before there is a page.
      if (target && (target.tagName === "SCRIPT" || target.tagName === "LINK")) say();
    },
    true,
  );
})();
