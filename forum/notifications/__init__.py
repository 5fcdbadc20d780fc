"""Update emails: news without content, at hours chosen by the member."""
