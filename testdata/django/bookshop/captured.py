"""The settings under which testdata/logs was captured: without the apps that came later."""

from bookshop.settings import *  # noqa: F403
from bookshop.settings import INSTALLED_APPS

LATER = ["django.contrib.admin", "catalog", "rest_framework"]
INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in LATER]
