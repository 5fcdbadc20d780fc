"""django-machina with the content of bench.peers: `python board.py content.json` fills it."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from machina.apps.forum.models import Forum
from machina.apps.forum_conversation.models import Post, Topic

urlpatterns = [
    path("sign-in/", LoginView.as_view(template_name="admin/login.html")),
    path("admin/", admin.site.urls),
    path("", include("machina.urls")),
]
app = get_wsgi_application()


def fill(content):
    """Store people, a forum and its threads."""
    call_command("migrate", verbosity=0)
    people = [
        User.objects.create_user(each["name"], each["address"], content["password"])
        for each in content["people"]
    ]
    about = {"description": "Our week", "type": Forum.FORUM_POST}
    forum = Forum.objects.create(name="Tuesday circle", **about)
    kinds = {"type": Topic.TOPIC_POST, "status": Topic.TOPIC_UNLOCKED}
    for title, posts in content["threads"]:
        first = people[posts[0][0]]
        topic = Topic.objects.create(forum=forum, subject=title, poster=first, **kinds)
        for by, text in posts:
            Post.objects.create(topic=topic, poster=people[by], subject=title, content=text)
    call_command("rebuild_index", interactive=False, verbosity=0)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        fill(json.load(file))
