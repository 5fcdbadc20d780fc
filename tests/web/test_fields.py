import re

import pytest
from flask import render_template_string
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from forum.web.forms import Form, choices

PAGE = """
{% from "shared/forms.html" import field, radios, checkbox, error_summary, button %}
{{ error_summary(form) }}
{{ field(form.body, hint="In your own way", rows=9) }}
{{ field(form.password, autocomplete="current-password") }}
{{ field(form.wish) }}
{{ radios(form.mode, hint="Chosen once", hints={"hidden": "Two chance words"}) }}
{{ checkbox(form.agreed, hint="Read them first") }}
{{ button("Save draft", quiet=true, name="draft", value="1") }}
"""


class Sent(Form):
    body = TextAreaField("Your posts", [DataRequired("Write something."), Length(max=5, min=2)])
    password = PasswordField("Password", [DataRequired("Enter your password.")])
    wish = SelectField("Wish", choices=choices({"hear": "Hear me out"}))
    mode = RadioField(
        "Who?", [InputRequired("Choose.")], choices=choices({"own": "Me", "hidden": "Hide"})
    )
    agreed = BooleanField("I agree", [DataRequired("Tick this.")])
    sealed_id = HiddenField(validators=[DataRequired("This page is stale.")])
    title = StringField("Title")


@pytest.fixture
def page(world):
    """HTML of a form, fresh or with submitted values."""

    def shown(sent=None, template=PAGE):
        with world.app.test_request_context(method="POST", data=sent or {}):
            form = Sent()
            if sent is not None:
                form.validate()
            return render_template_string(template, form=form)

    return shown


def ids(html):
    return re.findall(r'\sid="([^"]+)"', html)


@pytest.mark.parametrize("sent", [None, {"body": "", "mode": "shout"}], ids=["fresh", "refused"])
def test_every_reference_on_a_form_resolves(page, sent):
    html = page(sent)
    referred = re.findall(r'(?:\sfor|href)="#?([^"]+)"', html)
    described = [
        name for names in re.findall(r'describedby="([^"]+)"', html) for name in names.split()
    ]

    assert len(ids(html)) == len(set(ids(html)))
    assert set(referred) | set(described) <= set(ids(html))
    assert "body-hint" in described
    assert ("body-error" in described) == (sent is not None)


def test_errors_show_above_and_beside_the_field(page):
    html = page({"body": ""})
    above, beside = html.split("</ul>", 1)

    for words in ("Write something.", "Enter your password.", "Choose.", "Tick this."):
        assert words in above
        assert words in beside
    assert 'href="#mode-0"' in above
    assert "This page is stale." in above
    assert "token" not in above.lower()
    assert page(None).count('role="alert"') == 0


def test_fields_disable_browser_limits_and_correction(page):
    html = page(None)
    area = re.search(r"<textarea[^>]*>", html)[0]

    assert not re.search(r"\s(required|maxlength|minlength)", html)
    assert all(asked in area for asked in ('spellcheck="false"', 'translate="no"', 'dir="auto"'))
    assert 'rows="9"' in area
    assert 'autocomplete="current-password"' in html


def test_typed_text_returns_escaped_and_unchanged(page):
    typed = 'dose<b and c>d "quoted" & more'

    assert "dose&lt;b and c&gt;d &#34;quoted&#34; &amp; more" in page({"body": typed})


@pytest.mark.parametrize(
    ("at", "last", "url", "links"),
    [
        (1, 1, "/x", []),
        (1, 3, "/x", ["/x?page=2", "/x?page=3"]),
        (2, 3, "/x", ["/x", "/x?page=3"]),
        (
            4,
            5,
            "/x?order=newest",
            [f"/x?order=newest{page}" for page in ("", "&page=3", "&page=5")],
        ),
    ],
)
def test_pages_link_to_neighbouring_pages(page, at, last, url, links):
    html = page(
        template='{% from "shared/pages.html" import pages %}{{ pages('
        f'{at}, {last}, "{url}") }}}}'.replace("}}}}", "}}")
    )

    assert [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)] == links


def test_a_changing_button_is_a_form_with_token(page):
    html = page(
        template='{% from "shared/post_action.html" import post_button %}'
        '{{ post_button("/withdraw", "Withdraw", about="<your> reply", kind="x") }}'
    )

    assert re.search(r'<form method="post" action="/withdraw"', html)
    assert re.search(r'name="csrf_token" value=".+"', html)
    assert 'name="kind" value="x"' in html
    assert "&lt;your&gt; reply" in html
