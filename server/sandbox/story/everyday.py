"""People come to work: they sign in, approve a push, and open what they work with."""

from datetime import UTC, datetime

from server.sandbox.identifiers import okta_time
from server.sandbox.story.telling import DAY, DAYS, HOUR, MINUTE, Story, moment_of

_SATURDAY = 5


def tell(story: Story) -> None:
    """Everybody who was there in the fortnight, up to when they were last seen."""
    began = okta_time(story.before(DAYS))
    for user in story.org.database.all(
        "SELECT * FROM users WHERE last_login IS NOT NULL AND status = 'ACTIVE' AND login <> ? ORDER BY last_login",
        "okta-actions@example.com",
    ):
        last = moment_of(user["last_login"])
        if user["last_login"] < began or last > story.opened:
            continue
        moments = [last]
        day = last - DAY
        while day > story.before(DAYS):
            if datetime.fromtimestamp(day, UTC).weekday() < _SATURDAY and story.chance.random() < 0.8:
                moments.append(day + story.chance.uniform(-HOUR, HOUR))
            day -= DAY
        apps = story.applications(user)
        for moment in moments:
            at_home = story.chance.random() < 0.15
            client = story.at_home(user) if at_home else story.at_office(user)
            if story.chance.random() < 0.06:
                story.fails(moment - MINUTE, user, client)
            session = story.signs_in(moment, user, client, push=at_home)
            for app in apps:
                if story.chance.random() < 0.6:
                    story.opens(moment + story.chance.uniform(20, 400), user, client, app, session)
