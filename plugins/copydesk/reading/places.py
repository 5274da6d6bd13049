"""What an element's tag, role, class and id tell about the place of its blocks: evidence, not a verdict."""

from __future__ import annotations

import re
from functools import lru_cache

from ..model import Place

BY_TAG = {
    "nav": Place.NAV,
    "header": Place.HEADER,
    "footer": Place.FOOTER,
    "aside": Place.ASIDE,
    "article": Place.ARTICLE,
    "main": Place.MAIN,
    "form": Place.FORM,
    "fieldset": Place.FORM,
    "select": Place.FORM,
    "button": Place.FORM,
    "textarea": Place.FORM,
    "label": Place.FORM,
    "figure": Place.FIGURE,
    "dialog": Place.DIALOG,
    "menu": Place.MENU,
    "noscript": Place.HIDDEN,
}

BY_ROLE = {
    "navigation": Place.NAV,
    "banner": Place.HEADER,
    "contentinfo": Place.FOOTER,
    "complementary": Place.ASIDE,
    "search": Place.FORM,
    "form": Place.FORM,
    "dialog": Place.DIALOG,
    "alertdialog": Place.DIALOG,
    "menu": Place.MENU,
    "menubar": Place.MENU,
    "tablist": Place.MENU,
    "toolbar": Place.MENU,
    "main": Place.MAIN,
    "article": Place.ARTICLE,
    "figure": Place.FIGURE,
}

# Words of class and id attributes, split at hyphens, underscores, digits and capitals.
_WORDS = {
    Place.NAV: "nav navigation navbar topnav subnav breadcrumb breadcrumbs crumbs pagination pager paging skip skiplink toc",
    Place.MENU: "menu menus submenu dropdown megamenu hamburger offcanvas drawer",
    Place.HEADER: "masthead topbar siteheader banner branding",
    Place.FOOTER: "footer foot bottombar colophon siteinfo",
    Place.SIDEBAR: "sidebar sidebars rail widget widgets aside sidecol rightcol leftcol rightrail",
    Place.SHARE: "share sharing shares social socials sharedaddy addtoany addthis sharethis follow facebook twitter whatsapp "
    "linkedin pinterest tweet teilen partager compartir condividi",
    Place.RELATED: "related recommended recommendation recommendations recommends more readmore also similar popular trending latest "
    "mostread outbrain taboola zergnet yarpp teaser teasers upnext next prev previous carousel explore suggested discover headlines "
    "crosslinks morelikethis recirc recirculation jetpack verwandt",
    Place.LISTING: "listing archive feed cards card grid tiles tile loop river",
    Place.NEWSLETTER: "newsletter newsletters subscribe subscription signup mailchimp mailinglist optin emailform mailing inscription "
    "convertkit",
    Place.COMMENTS: "comment comments commentlist disqus respond discussion replies reply livefyre kommentare commentaires",
    Place.COOKIE: "cookie cookies consent gdpr ccpa onetrust cookiebar privacybar didomi",
    Place.ADVERT: "ad ads adv advert advertisement advertising adsense adslot adunit dfp gpt sponsor sponsored sponsors advertorial "
    "anzeige werbung publicite publicidad pubblicita promoted brandvoice nativead partnercontent",
    Place.AUTHOR: "authorbio authorbox biography bio aboutauthor authorinfo authorcard",
    Place.BYLINE: "byline bylines dateline author authors authorname posted published pubdate date datetime timestamp entrymeta postmeta "
    "meta time readingtime updated",
    Place.TAGS: "tags tag tagcloud taglist keywords topics categories category cats labels",
    Place.CREDIT: "credit credits copyright photographer imagecredit photocredit source attribution",
    Place.PROMO: "promo promos promotion promobox cta callout popup modal overlay lightbox interstitial app banner paywall offer "
    "subscribenow upsell marketing affiliate",
    Place.FIGURE: "caption captions cap figcaption figurecaption imagecaption wpcaption fig",
    Place.LEGAL: "legal disclaimer terms privacy imprint impressum copyright",
    Place.DONATION: "donate donation donations fundraising supporter contribute patreon",
    Place.BODY_CLASS: "articlebody entrycontent postcontent articlecontent storybody postbody contentbody articletext maincontent "
    "storycontent bodytext richtext prose bodycopy articlecopy articlemain entry story post body",
    Place.HIDDEN: "srhidden visuallyhidden screenreader sronly screenreadertext hide hidden invisible dnone noprint",
}
# Pairs of neighbouring words that mean one thing: "entry-content", "article_body", "sr-only".
_PAIRS = {
    Place.BODY_CLASS: "article body|entry content|post content|article content|story body|post body|content body|article text|main content|"
    "story content|body text|rich text|body copy|article copy|content article|article main|page content|td post content|single content|"
    "blog content|article detail|news content|article inner|text content|content text|content main",
    Place.HIDDEN: "sr only|visually hidden|screen reader|d none|is hidden",
    Place.RELATED: "read more|more from|most read|most popular|see also|also read|up next|you may|may like|more stories|latest news|"
    "read next|related posts|post navigation|recent posts|top stories",
    Place.AUTHOR: "author bio|author box|about author|author info|author card|author description|author profile",
    Place.BYLINE: "entry meta|post meta|article meta|published date|post date|entry date",
    Place.TAGS: "tag list|tags links|post tags|entry tags|tag cloud",
    Place.SHARE: "social links|social media|share buttons|follow us",
    Place.NEWSLETTER: "sign up|mailing list|email signup|email form|opt in",
    Place.ADVERT: "ad slot|ad unit|ad container|ad wrapper|native ad|partner content|brand voice|sponsored content",
    Place.CREDIT: "image credit|photo credit|img credit",
    Place.NAV: "skip link|table contents",
    Place.PROMO: "app store|get app|download app|call action",
    Place.SIDEBAR: "right rail|right col|left col|side bar|secondary content",
    Place.COMMENTS: "comment list|comment respond|leave reply",
}
_AMBIGUOUS = frozenset(
    {"body", "post", "story", "entry", "more", "next", "source", "foot", "time", "date", "meta", "tag", "card", "hidden"}
)

_BY_WORD: dict[str, int] = {}
for _place, _words in _WORDS.items():
    for _word in _words.split():
        _BY_WORD[_word] = _BY_WORD.get(_word, 0) | int(_place)
for _place, _pairs in _PAIRS.items():
    for _pair in _pairs.split("|"):
        _BY_WORD[_pair] = _BY_WORD.get(_pair, 0) | int(_place)

_KNOWN = frozenset(word for phrase in _BY_WORD for word in phrase.split())
OF_TAG = {tag: int(place) for tag, place in BY_TAG.items()}
_HIDDEN = int(Place.HIDDEN)
_SPLIT = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# A class that styles the whole page ("has-sidebar", "no-comments", "with-newsletter") says nothing about its element.
_STYLES = frozenset("has no with without is not js wp theme layout template single page".split())
_STYLING = re.compile(rf"\b(?:{'|'.join(sorted(_STYLES))})[-_]\S*")
_BREAKS = bytes(point if ord("a") <= point <= ord("z") else ord(" ") for point in range(256))


@lru_cache(maxsize=65_536)  # pages of a site share their names, and many sites the names of their software
def by_names(names: str) -> int:
    """The `Place` bits that the words of a class or id attribute stand for."""
    bits = 0
    for name in names.split():
        bits |= _by_name(name)
    return bits


@lru_cache(maxsize=65_536)
def _by_name(name: str) -> int:
    words = _parted(name)
    if not _STYLES.isdisjoint(words):
        bits = 0
        for part in _STYLING.sub(" ", name).split():
            bits |= _by_words(_parted(part))
        return bits
    return _by_words(words)


def _parted(name: str) -> list[str]:
    """The words of a name in lower case; without capitals, as most are, they are parted without a regular expression."""
    if name.isascii() and name.islower():
        return name.encode().translate(_BREAKS).decode().split()
    return [word.lower() for word in _SPLIT.findall(name)]


def _by_words(words: list[str]) -> int:
    bits = _BY_WORD.get("".join(words), 0)
    if len(words) == 1:
        return bits
    before = ""
    for word in words:
        if word in _KNOWN:
            bits |= _BY_WORD.get(before + " " + word, 0)
            if word not in _AMBIGUOUS:
                bits |= _BY_WORD.get(word, 0)
        before = word
    return bits


_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


_TELLING = frozenset({"id", "role", "hidden", "aria-hidden", "style"})


def of_names(tag: str, names: str) -> int:
    """The `Place` bits that an element's tag and class stand for."""
    return OF_TAG.get(tag, 0) | (by_names(names) if names else 0)


def of_attributes(attributes: dict[str, str | None]) -> int:
    """The `Place` bits that an element's other attributes stand for."""
    if _TELLING.isdisjoint(attributes):
        return 0
    bits = 0
    if "id" in attributes:
        bits = by_names(attributes["id"] or "")
    if "role" in attributes:
        bits |= int(BY_ROLE.get(attributes["role"] or "", 0))
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        bits |= _HIDDEN
    style = attributes.get("style")
    if style and _HIDING_STYLE.search(style):
        bits |= _HIDDEN
    return bits
