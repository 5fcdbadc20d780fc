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
from tests.page import Page

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


def attributes(html, *names):
    """Values of these attributes, in the order of the page."""
    return [each[name] for each in Page(html).walk() for name in names if name in each.attributes]


@pytest.mark.parametrize("sent", [None, {"body": "", "mode": "shout"}], ids=["fresh", "refused"])
def test_every_reference_on_a_form_resolves(page, sent):
    html = page(sent)
    ids = attributes(html, "id")
    referred = [each.removeprefix("#") for each in attributes(html, "for", "href")]
    described = " ".join(attributes(html, "aria-describedby")).split()

    assert len(ids) == len(set(ids))
    assert {*referred, *described} <= {*ids}
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
    area = Page(html).one("textarea")

    assert not attributes(html, "required", "maxlength", "minlength")
    wanted = {"spellcheck": "false", "translate": "no", "dir": "auto", "rows": "9"}
    assert wanted.items() <= area.attributes.items()
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

    assert attributes(html, "href") == links


def test_a_changing_button_is_a_form_with_token(page):
    html = page(
        template='{% from "shared/post_action.html" import post_button %}'
        '{{ post_button("/withdraw", "Withdraw", about="<your> reply", kind="x") }}'
    )

    form = Page(html).one("form", method="post", action="/withdraw")
    assert form.one(name="csrf_token")["value"]
    assert form.one(name="kind")["value"] == "x"
    assert "&lt;your&gt; reply" in html
