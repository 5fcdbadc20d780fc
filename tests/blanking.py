"""What two worlds that are alike have to themselves, taken out of what somebody saw in each."""

import re

from tests.world import SEALED, TOKEN

SEALED_WORDS = re.compile(r"\bAQ[\w=%-]{200,}")
OF_EACH_SEAL = re.compile(r"\b[0-9a-f]{4}( [0-9a-f]{4}){3}\b")  # where a log ends, over its seals
DRAWN = re.compile(
    r"(?<=UID:)\w+|(?<=/letters/stop/)[\w-]+|(?<=/calendar/)[\w-]+|(?<=Date: ).*"
    r"|(?<=Message-ID: ).*"
    r"|(?<=challenge&#34;: &#34;)[\w-]+"  # of a passkey
    r'|(?s:(?<=/send-again" class="post-button">).*?(?=</form>))'  # the digest of a link's secret
)


def blank(text):
    """A text without what is drawn, keyed or sealed."""
    for each in (TOKEN, SEALED, SEALED_WORDS, OF_EACH_SEAL, DRAWN):
        text = each.sub("", text)
    return text
