"""Settings of Bihuan: one file, every value from the environment."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

SECRET_KEY = env.str("SECRET_KEY", "trial-only")
BIHUAN_KEYS = env.list("BIHUAN_KEYS", default=["dHJpYWwtb25seS10cmlhbC1vbmx5LXRyaWFsLW9ubHk="])
BIHUAN_INDEX_KEY = env.str("BIHUAN_INDEX_KEY", "trial-only")
BIHUAN_SHOP_NAME = env.str("BIHUAN_SHOP_NAME", "青禾优选")
BIHUAN_BASE_URL = env.str("BIHUAN_BASE_URL", "http://127.0.0.1:8000")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_fsm",
    "foundation",
    "ui",
    "accounts",
    "orders",
    "knowledge",
    "complaints",
    "config",
]
AUTH_USER_MODEL = "accounts.User"
ROOT_URLCONF = "config.urls"
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://127.0.0.1:5432/bihuan")}
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ui.context_processors.shell",
            ]
        },
    }
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("BIHUAN_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = BASE_DIR / "var" / "media"
