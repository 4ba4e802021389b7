// Turns a link to a video's page into a player, only when asked: nothing is loaded from its host before.
function play(figure, link) {
  const player = document.createElement("iframe");
  player.src = `https://www.youtube-nocookie.com/embed/${encodeURIComponent(figure.dataset.videoId)}?autoplay=1`;
  player.title = link.textContent.trim() || "Video";
  player.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  // The host refuses to play (its error 153) where it is told nothing of the page that shows the video.
  player.referrerPolicy = "strict-origin-when-cross-origin";
  player.tabIndex = 0;
  link.replaceWith(player);
  player.focus();
}

for (const figure of document.querySelectorAll("figure.video[data-video-id]")) {
  const link = figure.querySelector("a");
  link?.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    play(figure, link);
  });
}
