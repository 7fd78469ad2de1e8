"""Django settings, all of them read through `chatorical.env`; docs/settings.md explains them."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chatorical.console.theme import UNFOLD as UNFOLD
from chatorical.database_url import read_database
from chatorical.env import BASE_DIR as BASE_DIR
from chatorical.env import env, refuse
from chatorical.logs import logging_config
from chatorical.metrics import process_metrics
from chatorical.redis_url import RedisUrl

ENVIRONMENT = env.mode
IS_PRODUCTION = env.is_production
DEBUG = False
DATA_DIR = env.data_dir

# --- secrets ---------------------------------------------------------------------------------
# Of several, the first is used for what is new; the others are still accepted while rotating.
SECRET_KEY, *SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY")
CONVERSATION_JWT_SECRETS = env.secrets("CONVERSATION_JWT_SECRET")
KMS_MASTER_KEYS = env.master_keys("KMS_MASTER_KEY")
SERVICE_TOKEN, *SERVICE_TOKEN_FALLBACKS = env.secrets("SERVICE_TOKEN")

# --- where we are ----------------------------------------------------------------------------
BIND_HOST = env.text("BIND_HOST", "127.0.0.1")
PORT = env.integer("PORT", 4012, minimum=1, maximum=65535)
PUBLIC_ORIGIN = env.origin("PUBLIC_ORIGIN", "" if IS_PRODUCTION else f"http://127.0.0.1:{PORT}")
if IS_PRODUCTION and not PUBLIC_ORIGIN:
    env.refuse_missing("PUBLIC_ORIGIN")
BASE_DOMAIN = env.text("BASE_DOMAIN", "")
CORS_ALLOWED_ORIGINS = env.origins("ALLOWED_ORIGINS")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1/128")
METRICS_ALLOW = env.networks("METRICS_ALLOW", "127.0.0.0/8,::1/128")
_public_host = urlsplit(PUBLIC_ORIGIN).hostname or ""
_more_hosts = env.words("ALLOWED_HOSTS")
ALLOWED_HOSTS = (
    [_public_host, "127.0.0.1", "localhost", "[::1]", *_more_hosts]
    + ([f".{BASE_DOMAIN}"] if BASE_DOMAIN else [])
    if IS_PRODUCTION
    else ["*"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN] if PUBLIC_ORIGIN else []
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_ORIGIN.startswith("https://")
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION and SESSION_COOKIE_SECURE:
    SECURE_SSL_REDIRECT = True
    # A program that calls from the same machine is answered, as it is on the fast paths.
    SECURE_REDIRECT_EXEMPT = [r"^v[12]/"]
    SECURE_HSTS_SECONDS = 31_536_000
# Other hosts of the domain, and the browsers' built-in list, are for its owner to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- behaviour -------------------------------------------------------------------------------
FEATURE_TENANT_CONTEXT_ENFORCED = env.boolean("FEATURE_TENANT_CONTEXT_ENFORCED", default=False)
UNBIND_JWT_FROM_IP = env.boolean("UNBIND_JWT_FROM_IP", default=True)
WS_MSGS_PER_WINDOW = env.integer(
    "WS_MSGS_PER_WINDOW", env.integer("RL_WS_POINTS", 30, minimum=0), minimum=0
)
WS_WINDOW_MS = env.integer(
    "WS_WINDOW_MS", env.integer("RL_WS_DURATION_SEC", 10, minimum=1) * 1000, minimum=1
)
WS_MAX_PER_CONVERSATION = env.integer("WS_MAX_PER_CONVERSATION", 20, minimum=1)
WS_MAX_PER_ADDRESS = env.integer("WS_MAX_PER_ADDRESS", 200, minimum=1)
WS_MAX_MSG_BYTES = env.integer("WS_MAX_MSG_BYTES", 16384, minimum=1024)
# How long after a customer's first unanswered message, or after the last sign of life; 0: never.
MAX_TIMER_MS = 365 * 24 * 3600 * 1000
UNCLAIMED_REMINDER_1_MS = env.integer("UNCLAIMED_REMINDER_1_MS", 300_000, maximum=MAX_TIMER_MS)
UNCLAIMED_REMINDER_2_MS = env.integer("UNCLAIMED_REMINDER_2_MS", 900_000, maximum=MAX_TIMER_MS)
AUTO_CLOSE_WINDOW_MS = env.integer("AUTO_CLOSE_WINDOW_MS", 86_400_000, maximum=MAX_TIMER_MS)
# How long closed conversations are kept; 0: for ever.
MAX_RETENTION_DAYS = 3_650
RETENTION_DAYS = env.integer("RETENTION_DAYS", 90, maximum=MAX_RETENTION_DAYS)
MAX_BODY_BYTES = 256 * 1024
# An update can hold a long message, the one that it answers, and formatting for each word of both.
MAX_WEBHOOK_BODY_BYTES = 1024 * 1024
# Of a body that is over its limit all the same, so much is read and thrown away before the answer.
MAX_DISCARDED_BYTES = 16 * 1024 * 1024
# Telegram hands no larger file to a bot.
ATTACHMENT_MAX_BYTES = env.integer(
    "ATTACHMENT_MAX_BYTES", 20 * 1024 * 1024, minimum=1024, maximum=20 * 1024 * 1024
)
# Of one tenant, in all.
ATTACHMENTS_MAX_TOTAL_BYTES = env.integer("ATTACHMENTS_MAX_TOTAL_BYTES", 5 * 1024**3)
ATTACHMENTS_DIR = Path(env.text("ATTACHMENTS_DIR", str(DATA_DIR / "attachments"))).absolute()
# host:port, or the path of a UNIX socket; empty: nothing is scanned.
CLAMAV_ADDRESS = env.text("CLAMAV_ADDRESS", "")
MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# Bucket: so many points in so many seconds. 0 points: not limited unless a tenant asks for it.
RATE_LIMITS: dict[str, tuple[int, float]] = {"ws": (WS_MSGS_PER_WINDOW, WS_WINDOW_MS / 1000)}
RATE_LIMITS |= {
    bucket: (
        env.integer(f"RL_{bucket.upper()}_POINTS", points, minimum=0),
        env.integer(f"RL_{bucket.upper()}_DURATION_SEC", seconds, minimum=1),
    )
    for bucket, points, seconds in (
        ("start", env.integer("START_IP_POINTS", 20), env.integer("START_IP_DURATION_SEC", 60)),
        ("rename", 3, 86_400),
        ("locale", 30, 60),
        ("send", WS_MSGS_PER_WINDOW, max(1, WS_WINDOW_MS // 1000)),
        ("history", 600, 60),
        ("upload", 20, 60),
        ("upload_address", 100, 60),
        ("attachment", 600, 60),
        ("widget_config", 600, 60),
        ("i18n", 600, 60),
        ("ws_token", 600, 60),
        ("telegram_webhook", 0, 60),
        ("api_key", 600, 60),
    )
}
# Of ten customers at one address who all write at once; no limit where one of theirs is none.
_SEND_POINTS = RATE_LIMITS["send"][0] * RATE_LIMITS["ws"][0] and max(
    RATE_LIMITS["send"][0], RATE_LIMITS["ws"][0]
)
RATE_LIMITS["send_address"] = (
    env.integer("RL_SEND_ADDRESS_POINTS", 10 * _SEND_POINTS, minimum=0),
    env.integer("RL_SEND_ADDRESS_DURATION_SEC", max(1, WS_WINDOW_MS // 1000), minimum=1),
)
# Buckets that belong to no tenant.
PLATFORM_RATE_LIMITS: dict[str, tuple[int, float]] = {
    bucket: (
        env.integer(f"RL_{bucket.upper()}_POINTS", points, minimum=0),
        env.integer(f"RL_{bucket.upper()}_DURATION_SEC", seconds, minimum=1),
    )
    for bucket, points, seconds in (
        ("sign_in_address", 30, 300),
        ("sign_in_account", 10, 900),
        ("wrong_key", 60, 60),
        ("unknown_name", 300, 60),
        ("session", 60, 60),
        ("session_address", 600, 60),
        ("ready", 300, 60),
        ("docs", 60, 60),
    )
}
# From the first byte of a head, or of a body, to its last.
# 0: what the control groups of the process allow.
MEMORY_CEILING_MIB = env.integer("MEMORY_CEILING_MIB", 0)
WATCHDOG_SECONDS = env.integer("WATCHDOG_SEC", 30, maximum=3600)
# systemd says here where it listens.
SUPERVISOR_SOCKET = env.text("NOTIFY_SOCKET", "")
# How long a client may take in nothing of what is written to it.
SEND_TIMEOUT_SECONDS = env.integer("SEND_TIMEOUT_SEC", 30, minimum=1, maximum=3600)
# Answers of more than one piece that a web process sends at once: kernel/long_answer_slots.py.
LONG_ANSWERS_AT_ONCE: dict[str, int] = {
    "in_all": env.integer("LONG_ANSWERS", 32, minimum=1),
    "tenant": env.integer("LONG_ANSWERS_PER_TENANT", 16, minimum=1),
    "conversation": env.integer("LONG_ANSWERS_PER_CONVERSATION", 4, minimum=1),
    "address": env.integer("LONG_ANSWERS_PER_ADDRESS", 8, minimum=1),
}
BODY_TIMEOUT_SECONDS = env.integer("BODY_TIMEOUT_SEC", 15, minimum=1, maximum=600)

# --- PostgreSQL ------------------------------------------------------------------------------
WEB_THREADS = env.integer("WEB_THREADS", 8, minimum=1, maximum=256)
OUTBOX_LEASE_SECONDS = env.integer("OUTBOX_LEASE_SECONDS", 20, minimum=2, maximum=3600)
OUTBOX_SENDERS = env.integer("OUTBOX_SENDERS", 32, minimum=1, maximum=256)
# A group takes some 20 posts a minute: a few at once are plenty, and all that a hanging one holds.
OUTBOX_SENDERS_PER_CHANNEL = env.integer("OUTBOX_SENDERS_PER_CHANNEL", 4, minimum=1, maximum=256)
WEB_MAX_WAITING = env.integer("WEB_MAX_WAITING", 5_000, minimum=1)
DB_STATEMENT_TIMEOUT_SECONDS = env.integer("DB_STATEMENT_TIMEOUT_SEC", 30, maximum=86_400)
DB_POOL_SIZE = env.integer("DB_POOL_SIZE", WEB_THREADS + 8, minimum=2, maximum=1000)
DATABASE_POOLER = env.choice("DATABASE_POOLER", ("none", "transaction"), "none")


def _database(name: str, url: str, *, role: str = "", pooler: str = "none") -> dict[str, Any]:
    return read_database(
        name,
        url,
        role=role,
        pooler=pooler,
        pool_size=DB_POOL_SIZE,
        statement_timeout_seconds=DB_STATEMENT_TIMEOUT_SECONDS,
    )


def _other_login(name: str, *, pooler: str) -> dict[str, Any] | None:
    """The login of an optional address; None where the application's own has to do."""
    url = env.text(name, "")
    return _database(name, url, pooler=pooler) if url else None


DATABASES = {
    "default": _database(
        "DATABASE_URL",
        env.required_in_production(
            "DATABASE_URL", "postgres://chatorical@127.0.0.1:5432/chatorical"
        ),
        role=env.text("DATABASE_ROLE", ""),
        pooler=DATABASE_POOLER,
    )
}
# Three logins, each for its own work: docs/adr/0013-database-roles.md.
PLATFORM_DATABASE = _other_login("PLATFORM_DATABASE_URL", pooler=DATABASE_POOLER)
OWNER_DATABASE = _other_login("MIGRATE_DATABASE_URL", pooler="none")
if OWNER_DATABASE is not None:
    # Used once, by one thread.
    del OWNER_DATABASE["OPTIONS"]["pool"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: fan-out, limits, broker ----------------------------------------------------------
REDIS_URL = env.required_in_production("REDIS_URL", "redis://127.0.0.1:6379/0")
try:
    REDIS = RedisUrl.read(REDIS_URL)
except ValueError as error:
    refuse("REDIS_URL", str(error))
REDIS_TIMEOUT_SECONDS = 1.0
# Everything of ours in Redis begins with it, so that several installations can share a server.
REDIS_PREFIX = env.text("REDIS_PREFIX", "chatorical")

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                REDIS.channel_layer_host(
                    socket_connect_timeout=2,
                    # Subscribers wait for pushes; a read timeout would only tear them down.
                    socket_timeout=None,
                    health_check_interval=15,
                )
            ],
            "prefix": REDIS_PREFIX,
        },
    }
}

CELERY_BROKER_URL = REDIS.broker_url()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = f"{REDIS_PREFIX}.default"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "visibility_timeout": 3600,
    **REDIS.broker_options(),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# As long as it takes: an outage ends, and a process that has given up does not notice.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CONSUMER = "chatorical.worker.broker:Consumer"
CELERY_BEAT_SCHEDULER = "chatorical.worker.broker:Scheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- Telegram --------------------------------------------------------------------------------
TELEGRAM_API_URL = env.url("TELEGRAM_API_URL", "https://api.telegram.org")
TELEGRAM_GROUP_POINTS = env.integer("TELEGRAM_GROUP_POINTS", 20, minimum=1)
TELEGRAM_GROUP_DURATION_SECONDS = env.integer("TELEGRAM_GROUP_DURATION_SEC", 60, minimum=1)
# Telegram waits out small flood waits by itself before it answers, so patience is needed.
TELEGRAM_READ_TIMEOUT_SECONDS = env.integer("TELEGRAM_READ_TIMEOUT_SEC", 35, minimum=1)
# How often a channel that needs a person is tried again by itself.
TELEGRAM_PROBE_SECONDS = env.integer("TELEGRAM_PROBE_SEC", 30, minimum=1)
BOT_TOKEN = env.text("BOT_TOKEN", "")
SUPPORT_GROUP_ID = env.text("SUPPORT_GROUP_ID", "")
WEBHOOK_SECRET = env.text("WEBHOOK_SECRET", "")
TELEGRAM_HEADER_SECRET = env.text("TELEGRAM_HEADER_SECRET", "")

# --- Stripe: without a key nobody can pay here, and no page speaks of money ------------------
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRETS = env.optional_secrets("STRIPE_WEBHOOK_SECRET")
STRIPE_API_URL = env.url("STRIPE_API_URL", "https://api.stripe.com")
if IS_PRODUCTION and STRIPE_SECRET_KEY and not STRIPE_WEBHOOK_SECRETS:
    env.refuse_missing("STRIPE_WEBHOOK_SECRET")
# Taxes as Stripe computes them; it has to be set up there first.
STRIPE_AUTOMATIC_TAX = env.boolean("STRIPE_AUTOMATIC_TAX", default=False)
# How long a tenant whose payment has failed is served all the same.
STRIPE_GRACE_DAYS = env.integer("STRIPE_GRACE_DAYS", 7, maximum=365)
# The plan that takes the place of one whose subscription has ended; empty: customers can only read.
STRIPE_PLAN_AFTER_END = env.text("STRIPE_PLAN_AFTER_END", "")

# --- the demo's account ----------------------------------------------------------------------
DEMO_ADMIN_EMAIL = env.text("DEMO_ADMIN_EMAIL", "")
DEMO_ADMIN_PASSWORD = env.text("DEMO_ADMIN_PASSWORD", "")

# --- Django ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Serves `runserver`; whatever else starts need not load twisted.
    *(["daphne"] if "runserver" in sys.argv else []),
    "chatorical.console.apps.ThemeConfig",
    "unfold.contrib.filters",
    "chatorical.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "tenants",
    "outbox",
    "templates_i18n",
    "conversations",
    "attachments",
    "channels_telegram",
    "billing",
    "chatorical",
]
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "tenants.console.permissions.RoleBackend",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
MIDDLEWARE = [
    "chatorical.metrics.django_metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chatorical.web.hosts.PagesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chatorical.console.policy.ConsolePolicyMiddleware",
    "tenants.admin_scope.AdminScopeMiddleware",
]
ROOT_URLCONF = "chatorical.urls"
ASGI_APPLICATION = "chatorical.asgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "chatorical" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["kernel.rest.renderers.AnswerRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kernel.rest.parsers.JsonObjectParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kernel.rest.parsers.OnlyJson",
    # Every view says who may call it; one that forgets is closed.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "kernel.rest.exception_handler.error_answer",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "chatorical.openapi.answers.AnswerSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chatorical",
    "VERSION": "2.0",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": (
        "Customer support from a chat on a website to a Telegram group.\n\n"
        'Refusals are JSON in one shape: `{"error": {"code", "message", "details"?}}`. Every '
        "answer has an `X-Request-ID`; a caller may send one of its own. Times are UTC with "
        "milliseconds."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    # It would say each value twice.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ConversationStatus": "conversations.models.Status.values",
        "TenantStatus": ["active", "suspended"],
        "OutboxItemStatus": ["DEAD", "DISCARDED", "DONE", "PENDING"],
        "ChannelState": [
            "failing",
            "needs_attention",
            "not_checked",
            "not_configured",
            "paused",
            "working",
        ],
        "SessionState": ["active", "ended", "expired"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatorical.openapi.document.complete",
    ],
}
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": ATTACHMENTS_DIR,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    ("brand", BASE_DIR / "docs" / "brand"),
    # These take the place of the theme's own files, which are found later.
    BASE_DIR / "chatorical" / "console" / "vendored",
]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = not IS_PRODUCTION
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PROCESS_ROLE = env.choice("PROCESS_ROLE", (*process_metrics.ROLES, "other"), "other")
METRICS_TENANTS = env.integer("METRICS_TENANTS", 100, minimum=0, maximum=10_000)
PROMETHEUS_MULTIPROC_DIR = env.text("PROMETHEUS_MULTIPROC_DIR", "")
try:
    # The applications make their metrics as they are loaded, which is after these settings.
    process_metrics.set_up(
        Path(PROMETHEUS_MULTIPROC_DIR) if PROMETHEUS_MULTIPROC_DIR else None, PROCESS_ROLE
    )
except OSError as error:
    refuse(
        "PROMETHEUS_MULTIPROC_DIR",
        f"is {PROMETHEUS_MULTIPROC_DIR!r}, which cannot be written ({error.strerror}).",
    )
# django-prometheus would otherwise open a port of its own and a metric per migration.
PROMETHEUS_EXPORT_MIGRATIONS = False

# --- logs ------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOG_PRETTY = env.boolean("LOG_PRETTY", default=not IS_PRODUCTION)
LOGGING_CONFIG = None
LOGGING = logging_config(level=LOG_LEVEL, pretty=LOG_PRETTY)

# Last: by now every name has been asked for.
env.refuse_slips()
