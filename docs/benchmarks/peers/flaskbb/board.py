"""FlaskBB with the content of bench.peers: `python board.py content.json` fills it."""

import json
import os
import sys

from flaskbb import create_app
from flaskbb.extensions import whooshee
from flaskbb.forum.models import Category, Forum, Post, Topic
from flaskbb.utils import populate
from flaskbb.utils.settings import flaskbb_config

HERE = os.path.dirname(os.path.abspath(__file__))
FILLING = __name__ == "__main__"


class Config:
    """Settings of a trial, the rest as FlaskBB sets it."""

    SECRET_KEY = WTF_CSRF_SECRET_KEY = "of a trial"
    SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(HERE, "board.sqlite")
    WHOOSHEE_DIR = os.path.join(HERE, "index")
    WHOOSHEE_ENABLE_INDEXING = not FILLING  # once, at the end


app = create_app(Config)
# The page of found posts names this, and 2.0.2 has it no longer: each search with hits would fail.
app.add_url_rule("/message/new", "message.new_conversation")


def fill(content):
    """Store people, a forum and its threads; 20 posts and 30 topics to a page."""
    populate.create_latest_db()
    populate.create_default_groups()
    populate.create_default_settings()
    populate.run_plugin_migrations()
    flaskbb_config.update({"posts_per_page": 20, "topics_per_page": 30})
    password = content["password"]
    populate.create_user("admin", password, "admin@example.org", "admin")
    people = [
        populate.create_user(each["name"], password, each["address"], "member")
        for each in content["people"]
    ]
    category = Category(title="Circles", position=1).save()
    forum = Forum(title="Tuesday circle", description="Our week", category_id=category.id).save()
    for title, (first, *rest) in content["threads"]:
        topic = Topic(title=title)
        topic.save(user=people[first[0]], forum=forum, post=Post(content=first[1]))
        for by, text in rest:
            Post(content=text).save(user=people[by], topic=topic)
    whooshee.reindex()


if FILLING:
    with open(sys.argv[1]) as file, app.test_request_context():
        fill(json.load(file))
