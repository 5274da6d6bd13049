"""Documents that attack whoever looks at them: forty of them, each with a mark that tells a page which one it is."""

from __future__ import annotations

from pathlib import Path

DATE = "2026-10-01"
STORY = "The harbour office said on Tuesday that the ferry would leave at nine, and that nobody had asked for it to leave at ten.\n"
_SCRIPT = "<script>document.title='owned'</script>"
_IMAGE = "<img src=x onerror=\"document.title='owned'\">"
_OUT = "http://203.0.113.9/beacon"
_ENDS = ("</title>", "</textarea>", "</del></section>", "</pre>", '">', "'>", "-->", "]]>", "{{7*7}}{% raw %}", "</style>")
_BIDI = "\u202e\u2066\u202a\u2068\u202f\u200f\u061c"


def _text(body: str, title: str = "A ferry that leaves at nine") -> bytes:
    return f"{title}\n\n{STORY}\n{body}\n\n{STORY}".encode("utf-8", "surrogatepass")


def _page(head: str = "", body: str = "", title: str = "A ferry that leaves at nine") -> bytes:
    article = f"<article><h1>{title}</h1><p>{STORY}</p>{body}<p>{STORY}</p></article>"
    page = f"<html><head><title>{title}</title>{head}</head><body>{article}</body></html>"
    return page.encode("utf-8", "surrogatepass")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def documents() -> dict[str, bytes]:
    """Forty documents by the path below their date."""
    found: dict[str, bytes] = {}
    for number, end in enumerate(_ENDS):
        found[f"a/end-{number}.txt"] = _text(f"{end}{_SCRIPT}{_IMAGE}", f"{end}{_SCRIPT}")
        found[f"a/end-{number}.html"] = _page(body=f"<p>{_escaped(end + _SCRIPT + _IMAGE)}</p>", title=_escaped(end + _SCRIPT))
    metadata = {
        "author": _SCRIPT,
        "description": _IMAGE,
        "article:section": f'" onmouseover="{_SCRIPT}',
        "article:tag": _SCRIPT,
        "og:site_name": _IMAGE,
        "og:image": f"{_OUT}.png",
        "og:url": "javascript:document.title='owned'",
    }
    for number, (name, value) in enumerate(metadata.items()):
        found[f"b/meta-{number}.html"] = _page(f'<meta property="{name}" name="{name}" content="{_escaped(value)}">')
    found["b/link.html"] = _page(body=f"<p><a href=\"javascript:document.title='owned'\">Read on</a> <img src='{_OUT}'></p>")
    found["b/iframe.html"] = _page(f"<base href='{_OUT}'>", f"<iframe src='{_OUT}'></iframe><object data='{_OUT}'></object>")
    found["b/svg.html"] = _page(body=f"<svg onload=\"document.title='owned'\"><script>{_OUT}</script><text>A picture of words</text></svg>")
    found["c/bytes.txt"] = b"A headline\n\n" + b"\xff\xfe\x80\xc3\x28 broken bytes " * 40 + STORY.encode()
    found["c/surrogates.html"] = _page(body="<p>&#xD800; &#xDFFF; and &#0; are no characters</p>")
    found["c/bidi.txt"] = _text(f"{_BIDI}moc.elpmaxe{_BIDI} reads backwards", f"A {_BIDI}eltit")
    found["c/bidi.html"] = _page(body=f"<p>{_BIDI} reads backwards</p>", title=f"A {_BIDI}eltit")
    found["c/escape.txt"] = _text("\x1b[2J\x1b]0;owned\x07 clears a terminal")
    found["c/one-line.html"] = _page(body=f"<p>{'word after word, and no end of it; ' * 300_000}</p>")
    found["c/one-word.html"] = _page(body=f"<p>{'x' * 500_000}</p>")
    found["c/many.txt"] = b"\n\n".join(b"A paragraph of the ferry that leaves at nine, number %d of them." % n for n in range(800))
    found[f"d/{_SCRIPT.replace('/', '%2f')}.txt"] = _text("A file whose name is a script")
    found["d/a#3 &amp; 'b' \"c\" ?x=1%00.txt"] = _text("A file whose name is a link")
    found["d/\u202etxt.exe.txt"] = _text("A file whose name reads backwards")
    found["d/reject <b>bold</b> <script>.html"] = bytes(range(256)) * 8
    return found


def make(raw: Path) -> dict[str, bytes]:
    """Write them below a raw root; returns them."""
    found = documents()
    for name, data in found.items():
        path = raw / DATE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return found
