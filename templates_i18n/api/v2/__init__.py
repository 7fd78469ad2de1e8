"""The v2 admin calls about texts: system messages, the widget's words, whole languages."""
