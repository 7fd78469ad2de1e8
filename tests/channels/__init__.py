"""What every channel has to do, tried with Telegram and with one that is made for the test."""
