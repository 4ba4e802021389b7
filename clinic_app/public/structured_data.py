"""What pages tell search engines in schema.org's words (JSON-LD)."""

from typing import Any

from flask import current_app, url_for

from .. import clock
from ..blog.models import Post
from .cards import card_of_post, card_url, has_photo


def article(post: Post) -> dict[str, Any]:
    """A BlogPosting, with a VideoObject for each of its videos."""
    site = current_app.config["CLINIC"]
    address = site.public_url + url_for("blog.post", slug=post.slug)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title,
        "description": post.description,
        "url": address,
        "mainEntityOfPage": address,
        "datePublished": clock.format_iso(post.published_at),
        "dateModified": clock.format_iso(post.changed_at),
        "author": _author(post, site.name),
        "publisher": {"@type": "Organization", "name": site.name, "url": site.public_url},
        "inLanguage": site.language,
        "image": site.public_url + (post.hero_url if has_photo(post) else card_url(card_of_post(post))),
    }
    if post.tags:
        data["keywords"] = [tag.name for tag in post.tags]
    if post.videos:
        data["video"] = [_video(post, video) for video in post.videos]
    return data


def _author(post: Post, clinic: str) -> dict[str, str]:
    if post.author.name == clinic:
        return {"@type": "Organization", "name": clinic}
    person = {"@type": "Person", "name": post.author.name}
    return person | ({"jobTitle": post.author.role} if post.author.role else {})


def _video(post: Post, video: dict) -> dict[str, str]:
    """Search engines ask for a still and a date; nothing on the page loads the still."""
    title = post.title if video["title"] == "Video" else video["title"]
    return {
        "@type": "VideoObject",
        "name": title,
        "description": title,
        "thumbnailUrl": f"https://i.ytimg.com/vi/{video['id']}/hqdefault.jpg",
        "embedUrl": f"https://www.youtube-nocookie.com/embed/{video['id']}",
        "uploadDate": clock.format_iso(post.published_at),
    }
