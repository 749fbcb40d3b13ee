DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.redirects",
]
LOCAL_APPS = ("apps.people.apps.PeopleConfig", "apps.shop")
INSTALLED_APPS = DJANGO_APPS + list(LOCAL_APPS)
SECRET_KEY = "nasty"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "persons.Person"
SITE_ID = 1
