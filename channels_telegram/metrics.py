"""What is counted about Telegram."""

from prometheus_client import Counter, Histogram

CALLS = Counter("chatorical_telegram_calls_total", "Bot API calls.", ["method", "outcome"])
RETRY_AFTER = Counter(
    "chatorical_telegram_retry_after_seconds_total", "Seconds that Telegram asked us to wait."
)
WEBHOOKS = Counter("chatorical_telegram_webhooks_total", "Webhook calls.", ["outcome"])
WEBHOOK_SECONDS = Histogram("chatorical_telegram_webhook_seconds", "Time to answer a webhook call.")
