"""Settings of Bihuan: one file, every value from the environment (see .env.example)."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from config.environment import Environment, read_trial_values

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# What kind of house this is. A trial makes up whatever is missing, a production refuses to.
BIHUAN_ENV = env.one_of("BIHUAN_ENV", ("trial", "production", "test"), default="trial")
IS_PRODUCTION = BIHUAN_ENV == "production"
DATA_DIR = Path(env.str("BIHUAN_DATA", str(BASE_DIR / "var"))).resolve()
EMBEDDED = {"DATABASE_URL", "REDIS_URL"} - set(os.environ) if BIHUAN_ENV == "trial" else set()
if BIHUAN_ENV == "trial":
    for _name, _value in read_trial_values(DATA_DIR).items():
        os.environ.setdefault(_name, _value)
TEST_KEY = {"test": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="}.get(BIHUAN_ENV, env.NOTSET)

DEBUG = env.switch("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", TEST_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
BIHUAN_KEYS = env.list("BIHUAN_KEYS", default=env.NOTSET if TEST_KEY is env.NOTSET else [TEST_KEY])
BIHUAN_INDEX_KEY = env.str("BIHUAN_INDEX_KEY", TEST_KEY)

# Where it stands
BIHUAN_SHOP_NAME = env.str("BIHUAN_SHOP_NAME", "青禾优选")
BIHUAN_EMOTION_MODEL = env.switch("BIHUAN_EMOTION_MODEL", default=True)
BIHUAN_MEASURE_EFFORT = env.switch("BIHUAN_MEASURE_EFFORT", default=True)
BIHUAN_SERVICE_HOURS = env.str("BIHUAN_SERVICE_HOURS", "")
BIHUAN_CHAT_CALENDAR = env.str("BIHUAN_CHAT_CALENDAR", "extended")
PORT = env.at_least("PORT", 1, default=8000)
BIHUAN_BIND = env.str("BIHUAN_BIND", "127.0.0.1")
BIHUAN_BASE_URL = env.str("BIHUAN_BASE_URL", env.NOTSET if IS_PRODUCTION else f"http://127.0.0.1:{PORT}").rstrip("/")
BASE = urlsplit(BIHUAN_BASE_URL)
IS_HTTPS = BASE.scheme == "https"
LOCAL_HOSTS = [] if IS_PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
ALLOWED_HOSTS = [*filter(None, [BASE.hostname]), *env.list("BIHUAN_HOSTS", default=[]), *LOCAL_HOSTS]
BIHUAN_TRUSTED_PROXIES = env.list("BIHUAN_TRUSTED_PROXIES", default=[])
BIHUAN_METRICS_TOKEN = env.str("BIHUAN_METRICS_TOKEN", "")
FAILPOINTS = env.str("FAILPOINTS", "")

INSTALLED_APPS = [
    "config.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
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
    "workflows",
    "analytics",
    "config",
]
BIHUAN_COMPRESS = env.switch("BIHUAN_COMPRESS", default=BIHUAN_ENV == "trial")  # in a deployment the proxy does it
MIDDLEWARE = [
    "config.middleware.EntranceMiddleware",
    *(["config.middleware.CompressionMiddleware"] if BIHUAN_COMPRESS else []),
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.LanguageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# Widgets are drawn by the project's own templates where there is one.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                ("ui.frozen.Loader", ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"])
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ui.context_processors.shell",
                "config.rail.rail",
            ],
        },
    }
]

# Facts: PostgreSQL only. Each kind of process has its own patience (trust.md 4.2).
BIHUAN_PROCESS = env.str("BIHUAN_PROCESS", "command")
PATIENCE_MS = {"web": 15_000, "live": 15_000, "sweeper": 60_000, "mail": 60_000, "clocks": 60_000}.get(BIHUAN_PROCESS, 600_000)
DATABASES = {"default": env.db("DATABASE_URL", env.NOTSET if IS_PRODUCTION else "postgres://bihuan@127.0.0.1:5432/bihuan")}
DATABASES["default"] |= {
    "ENGINE": "foundation.postgresql",
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "connect_timeout": 5,
        "application_name": f"bihuan-{BIHUAN_PROCESS}",
        "options": f"-c statement_timeout={PATIENCE_MS} -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
        **DATABASES["default"].get("OPTIONS", {}),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# How long things are kept; the first number is the least that the law or the house allows (docs/operations.md).
BIHUAN_KEEP_DAYS = {
    "EVIDENCE": env.at_least("BIHUAN_KEEP_EVIDENCE_DAYS", 1096, default=1096),
    "ACCESS_LOG": env.at_least("BIHUAN_KEEP_ACCESS_LOG_DAYS", 180, default=365),
    "MAIL": env.at_least("BIHUAN_KEEP_MAIL_DAYS", 30, default=180),
    "LINKS": env.at_least("BIHUAN_KEEP_LINKS_DAYS", 1, default=30),
    "REPLY_DRAFTS": env.at_least("BIHUAN_KEEP_REPLY_DRAFTS_DAYS", 1, default=30),
    "PRIVACY_REQUESTS": env.at_least("BIHUAN_KEEP_PRIVACY_REQUESTS_DAYS", 365, default=1096),
    "SEARCH_LOG": env.at_least("BIHUAN_KEEP_SEARCH_LOG_DAYS", 1, default=365),
    "IMPORTS": env.at_least("BIHUAN_KEEP_IMPORTS_DAYS", 1, default=180),
}
# More facts than this are not added up while somebody waits; a worker does it (analytics.metrics.keeping).
BIHUAN_MOST_FACTS = 400_000
REDIS_URL = env.str("REDIS_URL", env.NOTSET if IS_PRODUCTION else "redis://127.0.0.1:6379/0")

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.StaffBackend"]
LOGIN_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 2 * 3600
# Finance, managers and administrators need a second factor; a trial run only offers it, so that a newcomer can look around.
_SECOND_FACTOR = "offered" if BIHUAN_ENV == "trial" else "required"
BIHUAN_SECOND_FACTOR = env.one_of("BIHUAN_SECOND_FACTOR", ("required", "offered"), default=_SECOND_FACTOR)
# Which payment gateway pays back what was paid by which method; the trial run has its own gateway for all of them.
BIHUAN_GATEWAYS = {method.lower(): code for method, code in env.dict("BIHUAN_GATEWAYS", default={}).items()}
BIHUAN_GATEWAY_DEFAULT = env.str("BIHUAN_GATEWAY_DEFAULT", "" if IS_PRODUCTION else "demo")
BIHUAN_REVEALS_PER_DAY = env.at_least("BIHUAN_REVEALS_PER_DAY", 1, default=60)
BIHUAN_SURVEY_NPS_TX_PERCENT = env.at_least("BIHUAN_SURVEY_NPS_TX_PERCENT", 0, default=0)
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = env.at_least("BIHUAN_SESSION_SECONDS", 300, default=12 * 3600)
PASSWORD_HASHERS = {"test": ["django.contrib.auth.hashers.MD5PasswordHasher"]}.get(
    BIHUAN_ENV, ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

# Browsers
SECURE_COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{SECURE_COOKIE_PREFIX}sessionid", f"{SECURE_COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{BASE.scheme}://{BASE.netloc}"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
BIHUAN_EVIDENCE_ORIGIN = env.str("BIHUAN_EVIDENCE_ORIGIN", "")
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # frame-ancestors of the policy in config.middleware stands for X-Frame-Options
    "security.W005",  # whether subdomains and preload lists are covered is for the owner of the domain to say, at the proxy
    "security.W008",  # the proxy turns http into https
    "security.W021",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # a megabyte of text is answered at its field, more than this by 413
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Languages and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("BIHUAN_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media")))
BIHUAN_EXPORTS = DATA_DIR / "exports"
HASHED_STATIC = "ui.storage.BundledStaticFilesStorage"
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_STATIC if BIHUAN_ENV == "test" or DEBUG else HASHED_STATIC},
}

# Mail leaves by SMTP when EMAIL_URL is set; without it the trial run keeps it in its own mailbox page.
HAS_SMTP = bool(env.str("EMAIL_URL", ""))
BIHUAN_MAILBOX = DATA_DIR / "mailbox"
vars().update(env.email("EMAIL_URL") if HAS_SMTP else {"EMAIL_BACKEND": "complaints.channels.mailbox.LocalMailbox"})
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("BIHUAN_MAIL_FROM", env.NOTSET if IS_PRODUCTION else "service@shop.example")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foundation.rest.BoundedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["orders.tokenauth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["orders.tokenauth.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["orders.tokenauth.TokenThrottle"],
    "DEFAULT_PAGINATION_CLASS": "foundation.rest.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "foundation.rest.explain_error",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Bihuan API",
    "DESCRIPTION": "Complaints, messages, attachments and orders of one shop. Send your token as `Authorization: Bearer bh_…`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ArticleKindEnum": "knowledge.models.Article.Kind",
        "ComplaintStatusEnum": "complaints.lifecycle.Status",
        "DepartmentEnum": "complaints.models.Complaint.Department",
        "OrderStatusEnum": "orders.models.Order.Status",
        "PaymentStatusEnum": "orders.models.Payment.Status",
        "ShipmentStatusEnum": "orders.models.Shipment.Status",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
