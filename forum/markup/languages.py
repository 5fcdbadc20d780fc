"""Language of a text, found from its words alone: nothing is asked of whoever wrote it."""

import re
from functools import lru_cache

from markupsafe import Markup

NAMES = {  # RFC 5646 tag -> the language's own name
    "en": "English",
    "fr": "Français",
    "cy": "Cymraeg",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
}
READ = 4_000  # characters at the beginning of a text, which is enough to tell
ENOUGH, AHEAD = 3, 2  # common words of a language at least, and times those of the next

# The commonest words of each language that few of the others share.
_COMMON = {
    "en": "the and of to was is that with for but not have had her his she they you my are this "
    "at be from what would there been were when who it i we on he",
    "fr": "le les des et est une que qui dans pour pas sur avec elle il je nous vous mais ce cette "
    "son sa ses du au était été j'ai c'est n'est être avait plus comme tout très ont",
    "cy": "y yr ac ei yn mae oedd wedi i'r o'r ar am gyda ond nid hi ef fy roedd bod gan sydd "
    "hynny hefyd dim eu",
    "de": "der die das und ist nicht ein eine ich sie mit den dem zu auf war für von hat wir aber "
    "auch als wie sich noch nur habe nach bei",
    "es": "el los las y es una que por con para no se su lo ella pero como más muy está había "
    "yo al sin fue cuando tiene",
    "it": "il gli le e è una che per con non di del della sono lei ma come più molto ho aveva "
    "anche nel alla era questo mi",
    "nl": "het een en van ik dat niet is zij met op voor maar ook had heb hij was zijn er aan "
    "naar nog wat wel deze bij",
    "pl": "i w nie się na że jest do to z jak ale po był była tak już od przez dla ma jej co "
    "mnie tylko",
    "pt": "os as é uma que não com por para ela mas como mais muito está foi eu na do da em "
    "também tem meu ao",
}
_KNOWN: dict[str, list[str]] = {}
for _tag, _words in _COMMON.items():
    for _word in _words.split():
        _KNOWN.setdefault(_word, []).append(_tag)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)


def language(text: str) -> str:
    """RFC 5646 tag of the language of a text; "" where its common words leave it open."""
    words = _WORD.findall(_CODE.sub(" ", text[:READ]).lower().replace("\u2019", "'"))
    seen = dict.fromkeys(NAMES, 0)
    for word in words:
        for tag in _KNOWN.get(word, ()):
            seen[tag] += 1
    (best, most), (_, next_most) = sorted(seen.items(), key=lambda each: -each[1])[:2]
    return best if most >= ENOUGH and most >= AHEAD * next_most else ""


@lru_cache(maxsize=64)
def written_in(tag: str) -> Markup:
    """Attributes of an element around a member's words: their language and their direction.

    tag: RFC 5646 tag of the text; "" where its words leave it open, and the page's language stands.
    """
    language = Markup(' lang="{}"').format(tag) if tag else Markup()
    return language + Markup(' dir="auto"')


def isolated(text: str, tag: str) -> Markup:
    """A text inside a sentence, of its own language and direction. tag: as of `written_in`."""
    return Markup("<bdi{}>{}</bdi>").format(written_in(tag), text)
