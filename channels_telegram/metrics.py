"""What is counted about Telegram."""

from prometheus_client import Counter, Histogram

CALLS = Counter("chatorical_telegram_calls_total", "Bot API calls.", ["method", "outcome"])
# Apart from CALLS, so that each series exists before its first failure: an alert sees an increase
# only of what it has seen before.
CALL_FAULTS = Counter(
    "chatorical_telegram_call_faults_total",
    "Bot API calls that failed, by what the answer means.",
    ["outcome"],
)
CALL_SECONDS = Histogram(
    "chatorical_telegram_call_seconds",
    "Time of a Bot API call, with what Telegram makes it wait.",
    ["method"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60),
)
RETRY_AFTER = Counter(
    "chatorical_telegram_retry_after_seconds_total", "Seconds that Telegram asked us to wait."
)
WEBHOOKS = Counter("chatorical_telegram_webhooks_total", "Webhook calls.", ["outcome"])
for _outcome in ("failed", "crashed", "unauthorized"):
    WEBHOOKS.labels(_outcome)
WEBHOOK_SECONDS = Histogram("chatorical_telegram_webhook_seconds", "Time to answer a webhook call.")
STANDING_CHANGES = Counter(
    "chatorical_telegram_standing_changes_total",
    "Changes of what a bot is in its group; `problem`: a person has to mend something.",
    ["outcome"],
)
IGNORED_MESSAGES = Counter(
    "chatorical_telegram_ignored_messages_total",
    "Messages that reach no customer and ask nothing of us. `without_content`: a report about the "
    "group, or a kind of content newer than this version.",
    ["reason"],
)
