"""What the tests share: a clean clone of HEAD, its binary, a Django project."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Other tools' settings on this machine must not decide a test.
os.environ.update(
    GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*",
    GIT_AUTHOR_NAME="test", GIT_AUTHOR_EMAIL="test@localhost", GIT_COMMITTER_NAME="test", GIT_COMMITTER_EMAIL="test@localhost",
    PIP_DISABLE_PIP_VERSION_CHECK="1", NO_COLOR="1", TERM="dumb",
)
for name in [n for n in os.environ if n.startswith(("GITHUB_", "GITLAB_", "RUNNER_"))] + ["PYTHONPATH", "CC"]:
    os.environ.pop(name, None)


def sh(*command, want=0, **options):
    """Runs a command that has to end with the exit code want (None: any); returns what it printed, errors too."""
    options.setdefault("timeout", 600)
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert want in (done.returncode, None), f"{' '.join(map(str, command))}: exit code {done.returncode}, want {want}\n{done.stdout}"
    return done.stdout


def is_static(binary):
    return "INTERP" not in sh("readelf", "--wide", "--program-headers", binary)


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clean clone of HEAD: what is not committed is not tested."""
    folder = tmp_path_factory.mktemp("clone") / "ormlint"
    sh("git", "clone", "--quiet", "--no-hardlinks", ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def version(clone):
    import tomllib

    return tomllib.loads((clone / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture(scope="session")
def binary(clone, tmp_path_factory):
    """The binary as it is handed out."""
    out = tmp_path_factory.mktemp("bin") / "ormlint"
    sh("bash", clone / ".ci/binary", out)
    return out


LOOP = """from django.http import JsonResponse

from .models import Book


def books(request):
    return JsonResponse({"books": [book.author.name for book in Book.objects.all()]})
"""

CLEAN = LOOP.replace(".all()", '.select_related("author")')


@pytest.fixture
def shop(tmp_path):
    """A Django project in a git repository; its view has one loop of queries."""
    folder = tmp_path / "a shop"  # a space, to see whether anything minds
    for name, text in {
        "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
        "requirements.txt": "Django==5.2.8\n",
        "shop/__init__.py": "",
        "shop/settings.py": 'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "shop.urls"\nDEFAULT_AUTO_FIELD = "django.db.models.AutoField"\n',
        "shop/urls.py": 'from django.urls import path\n\nfrom . import views\n\nurlpatterns = [path("books/", views.books)]\n',
        "shop/models.py": (
            "from django.db import models\n\n\nclass Author(models.Model):\n    name = models.CharField(max_length=100)\n\n\n"
            "class Book(models.Model):\n    title = models.CharField(max_length=100)\n"
            "    author = models.ForeignKey(Author, on_delete=models.CASCADE)\n"
        ),
        "shop/views.py": LOOP,
        "README.md": "A shop.\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    sh("git", "init", "--quiet", "--initial-branch=main", folder)
    commit(folder, "a shop")
    return folder


def commit(folder, message):
    sh("git", "add", "--all", cwd=folder)
    sh("git", "commit", "--quiet", "--message", message, cwd=folder)
